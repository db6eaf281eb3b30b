/**
 * PNG files as MNIST shows its digits: gray, of the model's size, light strokes on black.
 */
import { readInput } from "./files/read-input.js";
import { decodePng, type GrayImage } from "./png/decode.js";

const longestFile = 64 * 2 ** 20;

/** @throws BadData naming the file: not there, not a PNG, too large, damaged. */
export async function readPng(file: string): Promise<GrayImage> {
  const advice = "Give the name of a PNG image.";
  const bytes = await readInput(file, { kind: "BadData", advice, longest: longestFile });
  return decodePng(bytes, file);
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
