/** What one pixel of a line looks like in gray on white paper, for each colour type. */
import type { PngChunks } from "./chunks.js";
import { damaged } from "./damaged.js";
import { channelsOf } from "./header.js";

/** The gray value, 0 to 1, of pixel `x` of an unfiltered line. */
export type GrayReader = (line: Uint8Array, x: number) => number;

/** @throws BadData, from the reader, for a pixel outside of the palette. */
export function grayReader(chunks: PngChunks, where: string): GrayReader {
  const { depth, colourType } = chunks.header;
  if (colourType === 3) return packedReader(depth, paletteGrays(chunks), where);
  const largest = 2 ** depth - 1;
  const hidden = hiddenSamples(chunks);
  if (colourType === 0 && depth <= 8) {
    const grays = Float64Array.from({ length: largest + 1 }, (_, sample) =>
      sample === hidden?.[0] ? 1 : sample / largest,
    );
    return packedReader(depth, grays, where);
  }
  const samples = channelsOf(chunks.header);
  const sample: (line: Uint8Array, index: number) => number =
    depth === 8
      ? (line, index) => line[index]!
      : (line, index) => line[2 * index]! * 256 + line[2 * index + 1]!;
  if (colourType === 0) {
    return (line, x) => {
      const value = sample(line, x);
      return value === hidden?.[0] ? 1 : value / largest;
    };
  }
  if (colourType === 4) {
    return (line, x) => onPaper(sample(line, 2 * x) / largest, sample(line, 2 * x + 1) / largest);
  }
  return (line, x) => {
    const at = samples * x;
    const red = sample(line, at);
    const green = sample(line, at + 1);
    const blue = sample(line, at + 2);
    const gray = luminance(red, green, blue) / largest;
    if (colourType === 6) return onPaper(gray, sample(line, at + 3) / largest);
    if (hidden && red === hidden[0] && green === hidden[1] && blue === hidden[2]) return 1;
    return gray;
  };
}

/** Several pixels share a byte, the first in its highest bits. */
function packedReader(depth: number, grays: Float64Array, where: string): GrayReader {
  const perByte = 8 / depth;
  const mask = 2 ** depth - 1;
  return (line, x) => {
    const byte = line[Math.floor(x / perByte)]!;
    const index = (byte >> (8 - depth - (x % perByte) * depth)) & mask;
    if (index >= grays.length) {
      throw damaged(where, `a pixel has entry ${index} of a palette of ${grays.length}`);
    }
    return grays[index]!;
  };
}

function paletteGrays({ palette = new Uint8Array(0), transparency }: PngChunks): Float64Array {
  return Float64Array.from({ length: palette.length / 3 }, (_, entry) => {
    const [red = 0, green = 0, blue = 0] = palette.subarray(3 * entry);
    return onPaper(luminance(red, green, blue) / 255, (transparency?.[entry] ?? 255) / 255);
  });
}

/** The samples of the one colour that is not seen. */
function hiddenSamples({ transparency }: PngChunks): readonly number[] | undefined {
  if (transparency === undefined) return undefined;
  const pairs = transparency.length / 2;
  return Array.from(
    { length: pairs },
    (_, index) => transparency[2 * index]! * 256 + transparency[2 * index + 1]!,
  );
}

/** By the weights of Rec. 601, as in most conversions to gray. */
function luminance(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function onPaper(gray: number, alpha: number): number {
  return gray * alpha + (1 - alpha);
}
