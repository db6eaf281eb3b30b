/**
 * PNG files as MNIST shows its digits: gray, of the model's size, light strokes on black.
 */
import { HoneError } from "@hone/core";
import { convertIndexedToRgb, decode } from "fast-png";
import { readInput } from "./files/read-input.js";

export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0 (black) to 1 (white). */
  readonly pixels: Float32Array;
}

const longestFile = 64 * 2 ** 20;
const mostPixels = 2 ** 26;
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** @throws BadData naming the file: not there, not a PNG, too large, damaged. */
export async function readPng(file: string): Promise<GrayImage> {
  const advice = "Give the name of a PNG image.";
  const bytes = await readInput(file, { kind: "BadData", advice, longest: longestFile });
  return decodePng(bytes, file);
}

/** @throws BadData */
export function decodePng(bytes: Uint8Array, where: string): GrayImage {
  if (bytes.length < 33 || signature.some((byte, index) => bytes[index] !== byte)) {
    throw new HoneError("BadData", where, "it is not a PNG image. Convert it to PNG.");
  }
  // The header's own figures, before the decoder allocates by them.
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [header.getUint32(16), header.getUint32(20)];
  if (width === 0 || height === 0 || width * height > mostPixels) {
    const what = `it is ${width} by ${height} pixels; read are up to ${mostPixels} in all. Make it smaller.`;
    throw new HoneError("BadData", where, what);
  }
  try {
    return toGray(decode(bytes, { checkCrc: true }));
  } catch (cause) {
    if (cause instanceof HoneError) throw cause;
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new HoneError("BadData", where, `it is damaged (${reason}). Save the image again.`, {
      cause,
    });
  }
}

function toGray(png: ReturnType<typeof decode>): GrayImage {
  const { width, height } = png;
  const indexed = png.palette !== undefined;
  const data = indexed ? convertIndexedToRgb(png) : png.data;
  const channels = indexed ? (png.palette![0]?.length ?? 3) : png.channels;
  const depth = indexed ? 8 : png.depth;
  const largest = 2 ** depth - 1;
  const pixels = new Float32Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  for (let index = 0; index < pixels.length; index++) {
    const at = (channel: number): number => {
      if (depth >= 8) return data[index * channels + channel]! / largest;
      // Several gray pixels share a byte; each row starts a new one.
      const [x, y] = [index % width, Math.floor(index / width)];
      const byte = data[y * rowBytes + Math.floor((x * depth) / 8)]!;
      return ((byte >> (8 - depth - ((x * depth) % 8))) & largest) / largest;
    };
    // Luminance weights of Rec. 601, as in most conversions to gray.
    const gray = channels >= 3 ? 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2) : at(0);
    const alpha = channels === 2 ? at(1) : channels === 4 ? at(3) : 1;
    // What is transparent shows white paper.
    pixels[index] = gray * alpha + (1 - alpha);
  }
  return { width, height, pixels };
}

/** The image at another size: each new pixel is the mean of the area it covers. */
export function resize(image: GrayImage, width: number, height: number): GrayImage {
  const pixels = new Float32Array(width * height);
  const columns = overlaps(image.width, width);
  const rows = overlaps(image.height, height);
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) {
      let sum = 0;
      for (const [fromY, shareY] of row) {
        for (const [fromX, shareX] of column) {
          sum += image.pixels[fromY * image.width + fromX]! * shareX * shareY;
        }
      }
      pixels[y * width + x] = sum;
    }
  }
  return { width, height, pixels };
}

/** For each of `to` cells over `from` cells: which it covers, and in what shares (sum 1). */
function overlaps(from: number, to: number): (readonly [index: number, share: number])[][] {
  const scale = from / to;
  return Array.from({ length: to }, (_, cell) => {
    const [start, end] = [cell * scale, (cell + 1) * scale];
    const shares: (readonly [number, number])[] = [];
    for (let index = Math.floor(start); index < Math.min(Math.ceil(end), from); index++) {
      const covered = Math.min(end, index + 1) - Math.max(start, index);
      if (covered > 0) shares.push([index, covered / scale]);
    }
    return shares;
  });
}

/** The image inverted where its border is light: dark strokes on paper become light on black. */
export function lightOnBlack(image: GrayImage): {
  readonly image: GrayImage;
  readonly inverted: boolean;
} {
  const { width, height, pixels } = image;
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step) {
      sum += pixels[y * width + x]!;
      count++;
    }
  }
  if (sum / count <= 0.5) return { image, inverted: false };
  return { image: { width, height, pixels: pixels.map((value) => 1 - value) }, inverted: true };
}
