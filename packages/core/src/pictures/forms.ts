/**
 * The forms in which a page has pictures, told from other values by what they have: the types of the DOM are not there in
 * Node.
 */

/**
 * Bytes of pixels from the top left: ImageData, or the like of it. How many bytes a pixel has says what they are: red,
 * green, blue and alpha; red, green and blue; grey and alpha; or grey.
 */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What can be drawn: a canvas, an OffscreenCanvas, an ImageBitmap, an image element, or what a video element shows now. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
}

/** A VideoFrame. */
export interface Frame {
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** A Blob or File that holds an image, in any format that the browser decodes. */
export interface ImageFile {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A picture as a page has it. It stays the caller's: nothing closes it. */
export type Picture = Pixels | Drawing | Frame | ImageFile;

/** True for what may be a picture, and is neither rows of numbers nor a tensor. */
export function isPicture(given: unknown): given is Picture {
  if (typeof given !== "object" || given === null || "shape" in given) return false;
  const { width, displayWidth, size } = given as Partial<Drawing & Frame & ImageFile>;
  const isFile = typeof size === "number" && "arrayBuffer" in given;
  return isFile || typeof width === "number" || typeof displayWidth === "number";
}

/** True for a picture, and for a list with one in it. */
export function isPictures(given: unknown): given is Picture | readonly Picture[] {
  return isPicture(given) || (Array.isArray(given) && given.some(isPicture));
}
