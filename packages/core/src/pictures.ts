/** Pictures as rows: the way in, which loads what reads them with the first one. */
import { checkOptions } from "./options.js";
import type { Picture } from "./pictures/forms.js";
import { PICTURE_OPTIONS, type PictureOptions } from "./pictures/options.js";
import type { PictureRows } from "./pictures/read.js";

export type { Picture } from "./pictures/forms.js";
export type { Colour, Fit, PictureOptions } from "./pictures/options.js";
export type { PictureRows } from "./pictures/read.js";

/**
 * Makes rows of pictures: bytes [pictures, height, width, channels], which `dataset`, `predict` and `trainOnBatch` take.
 * These take pictures themselves too; this is for who wants a size, channels, a fit or a background of their own, or reads
 * pictures once for several uses. A picture of another size is averaged where it shrinks and interpolated where it grows
 * (the filter of tf.image.resize with antialias), in slices of 10 ms.
 * @param given ImageData or { data, width, height }, a canvas, an OffscreenCanvas, an ImageBitmap, an image or video element,
 * a VideoFrame, a Blob or File; or a list of them. All are left as they are, and must stay so until the rows are there
 * @throws BadArgument for what is no picture; BadData for one that cannot be read, or has no pixels, or another size than
 * the first where none is given
 */
export function pictures(
  given: Picture | readonly Picture[],
  options: PictureOptions = {},
): Promise<PictureRows> {
  return picturesFor(given, options, "pictures");
}

/** The same. @param where who asks, for errors */
export async function picturesFor(
  given: Picture | readonly Picture[],
  options: PictureOptions,
  where: string,
): Promise<PictureRows> {
  checkOptions(where, options, PICTURE_OPTIONS);
  return (await import("./pictures/read.js")).readPictures(given, options, where);
}
