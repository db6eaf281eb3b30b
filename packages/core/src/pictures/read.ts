/**
 * Pictures become bytes of rows, all of one size. Hone scales them by itself, and not by the browser's drawing: so a picture
 * has the same pixels in every browser, in workers and in Node, whichever form it comes in, and no pixel is left out.
 */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { inTurns } from "../turns.js";
import { contentText } from "../value-text.js";
import { Filler } from "./fill.js";
import { isPictures, type Picture } from "./forms.js";
import { openPicture, type Place, tagOf } from "./open.js";
import type { Colour, Fit, PictureOptions } from "./options.js";
import { newScratch } from "./scratch.js";

/** Rows of bytes, as `dataset` and `predict` take them. */
export interface PictureRows {
  readonly data: Uint8Array<ArrayBuffer>;
  /** [pictures, height, width, channels] */
  readonly shape: readonly [number, number, number, number];
  /** Where it was given. */
  readonly scale?: number;
  readonly offset?: number;
}

/** A model's input, as it declares it. */
export interface PictureInput {
  readonly name: string;
  readonly shape: readonly (number | null)[];
}

interface Wanted {
  /** Null where it is the pictures' own. */
  readonly size: readonly [number | null, number | null];
  readonly channels: 1 | 3 | 4;
  readonly fit: Fit;
  readonly background: Colour;
}

/** @throws BadArgument, BadData */
export async function readPictures(
  given: Picture | readonly Picture[],
  options: PictureOptions,
  where: string,
): Promise<PictureRows> {
  const { size, channels = 3, fit = "fill", background = [0, 0, 0], scale, offset } = options;
  const wanted = { size: size ?? ([null, null] as const), channels, fit, background };
  const rows = await rowsOf(given, wanted, where);
  return {
    ...rows,
    ...(scale !== undefined && { scale }),
    ...(offset !== undefined && { offset }),
  };
}

/**
 * Rows in other forms than numbers: pictures, for an input; all else is refused.
 * @throws BadArgument; as `readPictures`; ShapeMismatch for an input that takes no pictures
 */
export async function readOthers(
  given: unknown,
  input: PictureInput | undefined,
  where: string,
): Promise<{ readonly data: Uint8Array; readonly shape: readonly number[] }> {
  if (input && isPictures(given)) return readForInput(given, input, where);
  throw new HoneError("BadArgument", where, refusal(given, input !== undefined));
}

/** Why rows are in no form that is taken, and what to give. */
function refusal(given: unknown, takesPictures: boolean): string {
  const { shape, isDisposed } = (given ?? {}) as { shape?: unknown; isDisposed?: boolean };
  if (isDisposed) return `the tensor [${shape}] was disposed. Keep it until it is read.`;
  const tag = tagOf(given);
  const isTold = typeof given === "object" && tag !== "Object" && tag !== "Array" && given !== null;
  const found = isTold ? tag : contentText(given);
  const raw = isTold && /^(Shared)?ArrayBuffer|^DataView/.test(tag);
  const why = raw ? ", which does not say what kind of numbers it holds" : "";
  const pictures = takesPictures ? ", or pictures" : "";
  return `the rows are in no form it takes (${found}${why}). Give a typed array, nested arrays, a tf.Tensor, { data: typed array, shape }${pictures}.`;
}

/** Pictures as a model's input takes them. */
async function readForInput(
  given: Picture | readonly Picture[],
  { name, shape }: PictureInput,
  where: string,
): Promise<{ readonly data: Uint8Array; readonly shape: readonly number[] }> {
  const [height, width, last] = shape;
  const channels = shape.length === 2 ? 1 : (last ?? 3);
  const isPicture = shape.length === 2 || shape.length === 3;
  if (!isPicture || (channels !== 1 && channels !== 3 && channels !== 4)) {
    const declared = shape.map((extent) => extent ?? "free");
    const what = `got a picture, and the model's input "${name}" takes [${declared}], which is neither [height, width] nor [height, width, 1, 3 or 4 channels]. Give numbers in that form; \`await pictures(picture, { size: [height, width] })\` makes them, for a flat input too.`;
    throw new HoneError("ShapeMismatch", where, what);
  }
  const size = [height ?? null, width ?? null] as const;
  const wanted = { size, channels, fit: "fill", background: [0, 0, 0] } as const;
  const rows = await rowsOf(given, wanted, where);
  return { data: rows.data, shape: shape.length === 2 ? rows.shape.slice(0, 3) : rows.shape };
}

async function rowsOf(
  given: Picture | readonly Picture[],
  { size: [givenHeight, givenWidth], channels, fit, background }: Wanted,
  where: string,
): Promise<Pick<PictureRows, "data" | "shape">> {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const scratch = newScratch();
  const turn = inTurns();
  let rows: { data: Uint8Array<ArrayBuffer>; size: readonly [number, number] } | undefined;
  let filler: Filler | undefined;
  for (const [index, one] of list.entries()) {
    const name = Array.isArray(given) ? `picture ${index}` : "the picture";
    const place = { where, name };
    const opened = await openPicture(one, place, scratch);
    try {
      const size = [givenHeight ?? opened.height, givenWidth ?? opened.width] as const;
      rows ??= { data: newBytes(place, list.length, size, channels), size };
      checkAlike(place, size, rows.size);
      const length = sizeOf([...size, channels]);
      const row = rows.data.subarray(index * length, (index + 1) * length);
      filler ??= new Filler({ size, channels, fit, background }, turn);
      await filler.fill(row, opened);
    } finally {
      opened.close?.();
    }
  }
  if (!rows) {
    const what = "no picture was given. Give at least one.";
    throw new HoneError("BadArgument", where, what);
  }
  return { data: rows.data, shape: [list.length, ...rows.size, channels] };
}

function newBytes(
  { where }: Place,
  count: number,
  size: readonly [number, number],
  channels: number,
): Uint8Array<ArrayBuffer> {
  const bytes = sizeOf([count, ...size, channels]);
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    const what = `${count} pictures of ${size[0]} × ${size[1]} are ${bytes} bytes, which do not fit in memory. Give a smaller size, or \`fit\` a stream of batches.`;
    throw new HoneError("OutOfMemory", where, what, { cause });
  }
}

function checkAlike(
  { where, name }: Place,
  size: readonly [number, number],
  first: readonly [number, number],
): void {
  if (`${size}` === `${first}`) return;
  const what = `${name} has ${size[1]} × ${size[0]} pixels, where picture 0 has ${first[1]} × ${first[0]}. Say which size all of them are to have: size: [height, width].`;
  throw new HoneError("BadData", where, what);
}
