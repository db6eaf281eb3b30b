/** A file of images and a file of labels, joined into a data set. */
import type { PlainDataset } from "@hone/core";
import { HoneError } from "@hone/core/backend";
import { readIdx } from "./idx.js";

export interface NamedBytes {
  readonly bytes: Uint8Array;
  /** The file's name, for errors. */
  readonly where: string;
}

export interface ImageDatasetParts {
  readonly name: string;
  readonly images: NamedBytes;
  readonly labels: NamedBytes;
  /** Default: one class for each number up to the largest label. */
  readonly classNames?: readonly string[] | undefined;
  readonly source: string;
}

/**
 * Reads IDX images ([N, H, W] or [N, H, W, C]) and labels ([N]); pixels keep their bytes, with a
 * scale of 1/255.
 * @throws BadData naming the file: damaged, a count that differs, a label without a class.
 */
export async function imageDataset(parts: ImageDatasetParts): Promise<PlainDataset> {
  const images = await readIdx(parts.images.bytes, parts.images.where, [3, 4]);
  const labels = await readIdx(parts.labels.bytes, parts.labels.where, [1]);
  const [rows = 0, ...shape] = images.shape;
  if (labels.shape[0] !== rows) {
    throw new HoneError(
      "BadData",
      parts.labels.where,
      `it holds ${labels.shape[0]} labels, but ${parts.images.where} holds ${rows} images. ` +
        "Use two files of the same set.",
    );
  }
  const classNames = parts.classNames ?? numberedClasses(labels.data);
  checkLabels(labels.data, classNames.length, parts.labels.where);
  return {
    name: parts.name,
    rows,
    columns: {
      x: { data: images.data, shape, scale: 1 / 255, offset: 0 },
      y: { data: labels.data, shape: [], scale: 1, offset: 0 },
    },
    classNames,
    source: parts.source,
  };
}

function numberedClasses(labels: Uint8Array): string[] {
  const largest = labels.reduce((most, label) => Math.max(most, label), 0);
  return Array.from({ length: largest + 1 }, (_, index) => `${index}`);
}

function checkLabels(labels: Uint8Array, classes: number, where: string): void {
  const row = labels.findIndex((label) => label >= classes);
  if (row < 0) return;
  throw new HoneError(
    "BadData",
    where,
    `row ${row} has label ${labels[row]}, but there are ${classes} classes, 0 to ${classes - 1}. ` +
      "Correct the label, or use the file that belongs to the images.",
  );
}
