/** The options with which a model of the zoo takes the rows of a data set. */
import { HoneError } from "../errors.js";
import { type Column, classNamesOf, type Dataset, soleInput, soleLabels } from "../run/dataset.js";
import type { ModelOptions, PictureNetworkOptions, TextNetworkOptions } from "./network-options.js";
import type { GruSeriesOptions } from "./sequence-networks.js";

const WHERE = "model of the zoo";

/** As many classes as the data names, at least two; the model's own number where it names none. */
export function classes(data: Dataset): Pick<ModelOptions, "classes"> {
  const names = classNamesOf(data);
  return names === undefined ? {} : { classes: Math.max(2, names.length) };
}

/** Of pictures [height, width] or [height, width, channels]: with channels. */
export function pictureRow(shape: readonly number[]): readonly number[] {
  return shape.length === 2 ? [...shape, 1] : shape;
}

/** The picture alone. */
export function shown(data: Dataset): Omit<PictureNetworkOptions, "classes" | "seed"> {
  const [height, width, channels] = row(data, "pictures", [2, 3], pictureRow) as [
    number,
    number,
    number,
  ];
  return { size: [height, width], channels };
}

export function picture(data: Dataset): PictureNetworkOptions {
  return { ...shown(data), ...classes(data) };
}

/** Texts, and the classes of each. */
export function text(data: Dataset): TextNetworkOptions & Pick<ModelOptions, "classes"> {
  const [length] = row(data, "texts", [1]) as [number];
  return { length, vocabulary: words(data), ...classes(data) };
}

/** Texts, and what follows each of their words. */
export function letters(data: Dataset): TextNetworkOptions {
  const [length] = row(data, "texts", [1]) as [number];
  return { length, vocabulary: words(data) };
}

export function series(data: Dataset): GruSeriesOptions {
  const [length, features] = row(data, "series", [2]) as [number, number];
  return { length, features, outputs: soleLabels(data, WHERE).shape[0] ?? 1 };
}

/** How many words there are: those that the data names, or else those that its rows have. */
function words(data: Dataset): number {
  if (data.words) return data.words.length;
  const { data: values } = soleInput(data, WHERE);
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most + 1;
}

/** @throws BadData unless the data's rows have one of these ranks */
function row(
  data: Dataset,
  what: string,
  ranks: readonly number[],
  change: (shape: Column["shape"]) => Column["shape"] = (shape) => shape,
): readonly number[] {
  const { shape } = soleInput(data, WHERE);
  if (ranks.includes(shape.length)) return change(shape);
  throw new HoneError(
    "BadData",
    `data set "${data.name}"`,
    `its rows are [${shape}], and the model takes ${what}, of rank ${ranks.join(" or ")}. Give other data, or another model.`,
  );
}
