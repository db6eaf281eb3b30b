/** A picture, whatever it is, becomes lines of pixels; what cannot be one is refused by its name. */
import { HoneError } from "../errors.js";
import { messageOf } from "../value-text.js";
import {
  type Drawing,
  type Frame,
  type ImageFile,
  isPicture,
  type Picture,
  type Pixels,
} from "./forms.js";
import type { Scratch } from "./scratch.js";

/** A picture that is ready to be read. */
export interface Opened {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel, as `Pixels` has them. */
  readonly stored: number;
  /** What it shows may change while it is read, so that all of it is to be read at once. */
  readonly isLive: boolean;
  /** Pixels of these rows, and maybe of others behind them. */
  readonly read: (top: number, rows: number) => ArrayLike<number>;
  readonly close?: () => void;
}

/** What an error says of a picture. */
export interface Place {
  /** Who asks. */
  readonly where: string;
  /** "the picture", "picture 3" */
  readonly name: string;
}

/** What it is, as an error names it: HTMLCanvasElement, File, Map. */
export function tagOf(given: unknown): string {
  return Object.prototype.toString.call(given).slice(8, -1);
}

/** @param scratch a canvas to draw on, where there is one */
export async function openPicture(
  given: unknown,
  place: Place,
  scratch: Scratch | undefined,
): Promise<Opened> {
  if (!isPicture(given)) {
    throw refuse(
      place,
      "BadArgument",
      given,
      "which is no picture. Give pictures alone: ImageData, a canvas, an ImageBitmap, an image or video element, a VideoFrame, a Blob, or { data, width, height }",
    );
  }
  if ("data" in given) return openPixels(given, place);
  if (!scratch) {
    const what =
      "which only a browser can read. Decode it by a library, and give { data, width, height }";
    throw refuse(place, "BadArgument", given, what);
  }
  if ("arrayBuffer" in given) return openFile(given, place, scratch);
  return openDrawing(given, place, scratch);
}

function openPixels(given: Pixels, place: Place): Opened {
  const { data, width, height } = given;
  if (tagOf(data) !== "Uint8Array" && tagOf(data) !== "Uint8ClampedArray") {
    const what = `whose data is ${tagOf(data)}. Give bytes from 0 to 255 in a Uint8Array or Uint8ClampedArray`;
    throw refuse(place, "BadData", given, what);
  }
  checkSize(given, { width, height }, place);
  const stored = data.length / (width * height);
  if (![1, 2, 3, 4].includes(stored)) {
    const what = `of ${width} × ${height} pixels, whose data has ${data.length} bytes. Give 4 bytes a pixel, or 3, 2 or 1`;
    throw refuse(place, "BadData", given, what);
  }
  return {
    width,
    height,
    stored,
    isLive: false,
    read: (top) => data.subarray(top * width * stored),
  };
}

async function openFile(given: ImageFile, place: Place, scratch: Scratch): Promise<Opened> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(given as Blob);
  } catch (cause) {
    const what = `of ${given.size} bytes and type "${given.type}", which is no image that this browser decodes (${messageOf(cause)}). Give a PNG, JPEG or WebP file; what only an <img> shows, as SVG, by such an element`;
    throw refuse(place, "BadData", given, what, cause);
  }
  return { ...openDrawing(bitmap, place, scratch), close: () => bitmap.close() };
}

function openDrawing(given: Drawing | Frame, place: Place, scratch: Scratch): Opened {
  const { size, isLive, isEmpty } = seen(given);
  checkSize(given, size, place, isEmpty);
  const read = (top: number, rows: number) => {
    try {
      return scratch.read(given as CanvasImageSource, size, top, rows);
    } catch (cause) {
      throw unreadable(given, place, cause);
    }
  };
  return { ...size, stored: 4, isLive, read };
}

/** Of a video element. */
type Video = Readonly<Record<"videoWidth" | "videoHeight" | "readyState", number>>;

/** Of an image element. */
type Photograph = Readonly<Record<"naturalWidth" | "naturalHeight", number>>;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** How large a drawing is, whether it may change, and what it means that it has no pixels. */
function seen(given: Drawing | Frame): {
  readonly size: Size;
  readonly isLive: boolean;
  readonly isEmpty: string;
} {
  if ("displayWidth" in given) {
    const { displayWidth: width, displayHeight: height } = given;
    return {
      size: { width, height },
      isLive: false,
      isEmpty: "was closed. Close it when the result is there",
    };
  }
  if ("videoWidth" in given) {
    const { videoWidth, videoHeight, readyState } = given as Drawing & Video;
    const isShown = readyState >= 2; // HAVE_CURRENT_DATA
    return {
      size: { width: isShown ? videoWidth : 0, height: isShown ? videoHeight : 0 },
      isLive: true,
      isEmpty: "has no frame yet. Wait for its event loadeddata",
    };
  }
  if ("naturalWidth" in given) {
    const { naturalWidth: width, naturalHeight: height } = given as Drawing & Photograph;
    return {
      size: { width, height },
      isLive: false,
      isEmpty: "is not loaded. Await its decode(), which also tells why it cannot be",
    };
  }
  const { width, height } = given;
  const isBitmap = "close" in given;
  return {
    size: { width, height },
    isLive: !isBitmap,
    isEmpty: isBitmap
      ? "was closed, or transferred. Close it when the result is there"
      : `has ${width} × ${height} pixels. Give one with at least one pixel`,
  };
}

function checkSize(given: Picture, { width, height }: Size, place: Place, isEmpty?: string): void {
  const isWhole = Number.isSafeInteger(width) && Number.isSafeInteger(height);
  if (isWhole && width > 0 && height > 0) return;
  const what = `has ${width} × ${height} pixels. Give one with at least one pixel`;
  throw refuse(place, "BadData", given, `which ${isEmpty ?? what}`);
}

function unreadable(given: Picture, place: Place, cause: unknown): HoneError {
  const isForeign = (cause as Partial<Error> | undefined)?.name === "SecurityError";
  const what = isForeign
    ? 'which shows something of another site, whose pixels no script may read. Let that site send Access-Control-Allow-Origin, and set crossOrigin = "anonymous" on the image or video before its src'
    : `which cannot be read (${messageOf(cause)}). Give a picture that drawImage takes`;
  return refuse(place, "BadData", given, what, cause);
}

export function refuse(
  { where, name }: Place,
  kind: "BadArgument" | "BadData",
  given: unknown,
  what: string,
  cause?: unknown,
): HoneError {
  const tag = tagOf(given);
  const text = `${name} is ${/^(?:[AEIO]|HTML|Unde)/.test(tag) ? "an" : "a"} ${tag} ${what}.`;
  return new HoneError(kind, where, text, cause === undefined ? undefined : { cause });
}
