/**
 * What the first 33 bytes of a PNG say: enough to know every size before anything is unpacked.
 *
 * Deflate packs up to a thousand bytes into one, so the length of a file says nothing of its image's:
 * 8 KB may hold 8,192 by 8,192 pixels. The limits below are therefore put on what the header promises.
 */
import { HoneError } from "@hone/core";
import { damaged } from "./damaged.js";

export type ColourType = 0 | 2 | 3 | 4 | 6;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8, 16. */
  readonly depth: number;
  /** 0 gray, 2 colours, 3 palette, 4 gray with alpha, 6 colours with alpha. */
  readonly colourType: ColourType;
  readonly interlaced: boolean;
}

/** Every `everyX`th pixel of every `everyY`th line, from (`x`, `y`) on: an image of its own. */
export interface Pass {
  readonly x: number;
  readonly y: number;
  readonly everyX: number;
  readonly everyY: number;
  readonly width: number;
  readonly height: number;
}

/** Those of a screen of 3,840 by 2,160, in any proportion. */
export const mostPixels = 2 ** 23;
/** Of the unpacked lines: 32 MiB, which that screen takes in colours with alpha. */
export const mostUnpackedBytes = 2 ** 25;

const depths: Readonly<Record<ColourType, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

const channels: Readonly<Record<ColourType, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function channelsOf({ colourType }: PngHeader): number {
  return channels[colourType];
}

/**
 * Reads the content of the IHDR chunk.
 * @throws BadData for values the format does not know, and for an image over the limits.
 */
export function readHeader(content: DataView, where: string): PngHeader {
  const [width, height] = [content.getUint32(0), content.getUint32(4)];
  const [depth, colourType, compression, filter, interlace] = [8, 9, 10, 11, 12].map((at) =>
    content.getUint8(at),
  ) as [number, number, number, number, number];
  if (!isColourType(colourType) || !depths[colourType].includes(depth)) {
    throw damaged(where, `its header gives colour type ${colourType} with ${depth} bits`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    const what = `compression ${compression}, filter ${filter}, interlace ${interlace}`;
    throw damaged(where, `its header gives ${what}, and only 0, 0 and 0 or 1 are defined`);
  }
  if (width === 0 || height === 0) {
    throw damaged(where, `its header gives ${width} by ${height} pixels`);
  }
  const header = { width, height, depth, colourType, interlaced: interlace === 1 };
  if (width * height > mostPixels) {
    const what = `it is ${width} by ${height} pixels; read are up to ${mostPixels} in all. Make it smaller.`;
    throw new HoneError("BadData", where, what);
  }
  const bytes = unpackedBytes(header);
  if (bytes > mostUnpackedBytes) {
    const what = `it unpacks to ${bytes} bytes; read are up to ${mostUnpackedBytes}. Make it smaller, or save it with 8 bits a sample.`;
    throw new HoneError("BadData", where, what);
  }
  return header;
}

/** Bytes of one line of a pass, without the byte before it that names its filter. */
export function lineBytes(header: PngHeader, width: number): number {
  return Math.ceil((width * channelsOf(header) * header.depth) / 8);
}

/** What the image data must unpack to, to the byte. */
export function unpackedBytes(header: PngHeader): number {
  return passesOf(header).reduce(
    (sum, { width, height }) => sum + height * (1 + lineBytes(header, width)),
    0,
  );
}

/** The one pass of a plain image, or the passes of Adam7 that have pixels, in the order of the file. */
export function passesOf({ width, height, interlaced }: PngHeader): readonly Pass[] {
  if (!interlaced) return [{ x: 0, y: 0, everyX: 1, everyY: 1, width, height }];
  return adam7
    .map(([x, y, everyX, everyY]) => ({
      x,
      y,
      everyX,
      everyY,
      width: Math.ceil((width - x) / everyX),
      height: Math.ceil((height - y) / everyY),
    }))
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function isColourType(value: number): value is ColourType {
  return Object.hasOwn(channels, value);
}
