/** PNG files of every kind, also of kinds that no encoder writes, put together from their chunks. */
import { crc32, deflateSync } from "node:zlib";
import { type ColourType, channelsOf, lineBytes, type PngHeader, passesOf } from "../header.js";

export const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export type Chunk = readonly [name: string, content: Uint8Array];

/** Every colour type with every depth it may have. */
export const kinds: readonly (readonly [ColourType, number])[] = [
  ...[1, 2, 4, 8, 16].map((depth) => [0, depth] as const),
  ...[8, 16].map((depth) => [2, depth] as const),
  ...[1, 2, 4, 8].map((depth) => [3, depth] as const),
  ...[8, 16].map((depth) => [4, depth] as const),
  ...[8, 16].map((depth) => [6, depth] as const),
];

export function joinPng(chunks: readonly Chunk[]): Uint8Array {
  const parts: Uint8Array[] = [signature];
  for (const [name, content] of chunks) {
    const named = Buffer.concat([Buffer.from(name, "latin1"), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc32(named));
    parts.push(length, named, sum);
  }
  return new Uint8Array(Buffer.concat(parts));
}

export function headerChunk(header: PngHeader): Chunk {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(header.width, 0);
  content.writeUInt32BE(header.height, 4);
  content[8] = header.depth;
  content[9] = header.colourType;
  content[12] = header.interlaced ? 1 : 0;
  return ["IHDR", content];
}

/**
 * The lines of an image with its filters put on, line by line the next of `filters`.
 * @param sample the value of a channel at a pixel of the whole image
 */
export function filteredLines(
  header: PngHeader,
  sample: (x: number, y: number, channel: number) => number,
  filters: readonly number[],
): Uint8Array {
  const channels = channelsOf(header);
  const step = Math.max(1, (channels * header.depth) / 8);
  const lines: Uint8Array[] = [];
  for (const pass of passesOf(header)) {
    let above = new Uint8Array(lineBytes(header, pass.width));
    for (let row = 0; row < pass.height; row++) {
      const line = new Uint8Array(above.length);
      for (let i = 0; i < pass.width * channels; i++) {
        const x = pass.x + Math.floor(i / channels) * pass.everyX;
        const value = sample(x, pass.y + row * pass.everyY, i % channels);
        const bit = i * header.depth;
        if (header.depth === 16) {
          line[2 * i] = value >> 8;
          line[2 * i + 1] = value & 255;
        } else {
          line[bit >> 3]! |= value << (8 - header.depth - (bit & 7));
        }
      }
      const filter = filters[lines.length % filters.length]!;
      lines.push(filtered(line, above, step, filter));
      above = line;
    }
  }
  return new Uint8Array(Buffer.concat(lines));
}

function filtered(line: Uint8Array, above: Uint8Array, step: number, filter: number): Uint8Array {
  const out = new Uint8Array(line.length + 1);
  out[0] = filter;
  for (const [i, value] of line.entries()) {
    const [left, up] = [line[i - step] ?? 0, above[i]!];
    const corner = i < step ? 0 : above[i - step]!;
    const guess = left + up - corner;
    const nearest = [left, up, corner].reduce((best, next) =>
      Math.abs(guess - next) < Math.abs(guess - best) ? next : best,
    );
    out[i + 1] = value - [0, left, up, (left + up) >> 1, nearest][filter]!;
  }
  return out;
}

export interface Picture {
  readonly header: PngHeader;
  readonly palette?: Uint8Array;
  readonly transparency?: Uint8Array;
  readonly sample: (x: number, y: number, channel: number) => number;
  readonly filters?: readonly number[];
}

export function chunksOfPicture(picture: Picture): Chunk[] {
  const { header, palette, transparency, sample, filters = [0, 1, 2, 3, 4] } = picture;
  return [
    headerChunk(header),
    ...(palette ? [["PLTE", palette] as const] : []),
    ...(transparency ? [["tRNS", transparency] as const] : []),
    ["IDAT", deflateSync(filteredLines(header, sample, filters))],
    ["IEND", new Uint8Array(0)],
  ];
}
