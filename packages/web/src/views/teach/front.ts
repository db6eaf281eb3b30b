/** What stands below the head: the small front of the demo, or a network that the visitor gives. */
import type { SavedModel } from "@hone/core/runtime";
import { openFile } from "../../models/open-site-model.js";

/** What pictures look like to a network. */
export interface PictureForm {
  /** Height and width, in pixels. */
  readonly size: number;
  readonly channels: 1 | 3;
}

/** What bytes become: 0…1, or −1…1 as MobileNet wants. */
export const RANGES = {
  unit: { text: "0 … 1", scale: 1 / 255, offset: 0 },
  signed: { text: "−1 … 1", scale: 2 / 255, offset: -1 },
} as const;
export type RangeName = keyof typeof RANGES;

/** A front that stands still, with a head on it that has learned nothing. */
export interface Front extends PictureForm {
  readonly name: string;
  /** What it is and how it came to be, in a sentence. */
  readonly words: string;
  readonly range: RangeName;
  /** Numbers that it makes of a picture. */
  readonly features: number;
  readonly model: SavedModel;
}

/** As packages/web/src/front/front-pictures.mjs has it. */
export const OWN_FORM: PictureForm = { size: 48, channels: 3 };

const OWN_WORDS =
  "Hone's own front: four convolutions (16, 32, 48 and 64 filters, 46,672 weights of 8 bits), which have learned digits, garments, figures and textures, stand still.";

/** What is trained on a front, in words. */
export const wordsOf = ({ words, features, size }: Front): string =>
  `${words} They make ${features.toLocaleString("en")} features of a picture of ${size}×${size}, once for each; what is trained is one dense layer on these, by Adam.`;

/** The demo's own. @throws BadModelFile */
export async function ownFront(): Promise<Front> {
  const model = await openFile("teach");
  return { ...OWN_FORM, name: "Hone's own", words: OWN_WORDS, range: "unit", features: 480, model };
}
