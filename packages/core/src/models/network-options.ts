/** Options that several networks of the zoo take. */
import { HoneError } from "../errors.js";
import { isAnything, isCount, isFiniteNumber, type Option } from "../run/options.js";
import { valueText } from "../value-text.js";

/** What all models of the zoo take. */
export interface ModelOptions {
  /** A whole number from 0; 0 unless given. */
  readonly seed?: number;
  /** How many classes the model tells apart, at least 2; 10 unless given. */
  readonly classes?: number;
}

/** Of networks over pictures of any size. */
export interface PictureNetworkOptions extends ModelOptions {
  /** Height and width, or one number for both. */
  readonly size?: number | readonly [number, number];
  /** 3, as of colours, unless given. */
  readonly channels?: number;
}

/** Of networks over rows of whole numbers, each of which stands for a word or a letter. */
export interface TextNetworkOptions {
  /** A whole number from 0; 0 unless given. */
  readonly seed?: number;
  /** How many words there are. */
  readonly vocabulary?: number;
  /** How many words a row has. */
  readonly length?: number;
}

export const COUNT: Option = { is: isCount, wanted: "a whole number above 0" };
export const SHARE: Option = {
  is: (value) => isFiniteNumber(value) && (value as number) >= 0 && (value as number) < 1,
  wanted: "a number from 0 to below 1",
};
export const FACTOR: Option = {
  is: (value) => isFiniteNumber(value) && (value as number) > 0,
  wanted: "a number above 0",
};
/** Options of every model; their values are checked where they are used. */
export const MODEL: Readonly<Record<"seed" | "classes", Option>> = {
  seed: { is: isAnything, wanted: "a whole number" },
  classes: { is: isAnything, wanted: "a whole number" },
};
export const PICTURE: Readonly<Record<keyof PictureNetworkOptions, Option>> = {
  ...MODEL,
  size: {
    is: (value) =>
      isCount(value) || (Array.isArray(value) && value.length === 2 && value.every(isCount)),
    wanted: "a whole number above 0, or two: height and width",
  },
  channels: COUNT,
};
export const TEXT: Readonly<Record<keyof TextNetworkOptions, Option>> = {
  seed: MODEL.seed,
  vocabulary: COUNT,
  length: COUNT,
};

/** Height, width and channels of a row. */
export function pictureShape(
  { size, channels = 3 }: PictureNetworkOptions,
  usual: number,
): [number, number, number] {
  const [height, width] = typeof size === "object" ? size : [size ?? usual, size ?? usual];
  return [height, width, channels];
}

/** @throws BadArgument unless height and width are multiples of `factor` */
export function checkHalvable(
  where: string,
  [height, width]: readonly number[],
  factor: number,
): void {
  if ((height as number) % factor === 0 && (width as number) % factor === 0) return;
  throw new HoneError(
    "BadArgument",
    where,
    `size is ${valueText([height, width])}, which halves to no whole numbers. Give multiples of ${factor}.`,
  );
}
