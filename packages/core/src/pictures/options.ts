/** What can be said of how pictures become rows. */
import { isFiniteNumber, type Option } from "../options.js";

/** How a picture of other proportions comes to its size: stretched; cut at two sides; or whole between two stripes of background. */
export type Fit = "fill" | "cover" | "contain";

/** Amounts of red, green and blue from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** How pictures become rows. */
export interface PictureOptions {
  /** What all pictures are brought to, in pixels: their own unless given, and then one for all of them. */
  readonly size?: readonly [height: number, width: number] | undefined;
  /**
   * 3, red, green and blue, unless given. 1 is brightness (0.299 red + 0.587 green + 0.114 blue; tf.browser.fromPixels
   * gives red alone); 4 has alpha behind the colours, which then are not laid on the background.
   */
  readonly channels?: 1 | 3 | 4 | undefined;
  /** "fill" unless given, as tf.image.resizeBilinear stretches. */
  readonly fit?: Fit | undefined;
  /** What shows through where a picture is not opaque, and beside it with "contain". Black, [0, 0, 0], unless given. */
  readonly background?: Colour | undefined;
  /** What bytes are multiplied by: 1/255 for numbers from 0 to 1. */
  readonly scale?: number | undefined;
  /** What is added after scaling. */
  readonly offset?: number | undefined;
}

const isExtent = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
const isListOf = (length: number, rule: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length === length && value.every(rule);
const isByte = (value: unknown) =>
  isFiniteNumber(value) && (value as number) >= 0 && (value as number) <= 255;

export const PICTURE_OPTIONS: Readonly<Record<keyof PictureOptions, Option>> = {
  size: { is: isListOf(2, isExtent), wanted: "[height, width], two whole numbers above 0" },
  channels: { is: (value) => value === 1 || value === 3 || value === 4, wanted: "1, 3 or 4" },
  fit: {
    is: (value) => value === "fill" || value === "cover" || value === "contain",
    wanted: '"fill", "cover" or "contain"',
  },
  background: { is: isListOf(3, isByte), wanted: "[red, green, blue], from 0 to 255" },
  scale: { is: isFiniteNumber, wanted: "a number, as 1 / 255" },
  offset: { is: isFiniteNumber, wanted: "a number" },
};
