/** Steps on one drawing, among pictures of the data set, so that the rest is not forgotten. */
import type { PlainDataset } from "@hone/data";
import { SIZE } from "./recentre.js";

const COPIES = 12;
const OTHERS = 20;
const PIXELS = SIZE * SIZE;

/** Rows of one step: the drawing, moved about by up to two pixels, and rows of the data. */
export function lessonRows(
  drawing: Uint8Array,
  label: number,
  data: PlainDataset,
  random = Math.random,
) {
  const x = new Uint8Array((COPIES + OTHERS) * PIXELS);
  const y = new Uint8Array(COPIES + OTHERS);
  for (let copy = 0; copy < COPIES; copy++) {
    const [right, down] = copy === 0 ? [0, 0] : [within(random), within(random)];
    x.set(moved(drawing, right, down), copy * PIXELS);
    y[copy] = label;
  }
  const { data: images } = data.columns.x;
  const { data: labels } = data.columns.y;
  for (let at = COPIES; at < COPIES + OTHERS; at++) {
    const row = Math.floor(random() * data.rows);
    x.set(images.subarray(row * PIXELS, (row + 1) * PIXELS) as Uint8Array, at * PIXELS);
    y[at] = labels[row] as number;
  }
  return { x, y };
}

const within = (random: () => number) => Math.floor(random() * 5) - 2;

export function moved(pixels: Uint8Array, right: number, down: number): Uint8Array {
  const result = new Uint8Array(PIXELS);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [toX, toY] = [x + right, y + down];
      if (toX < 0 || toX >= SIZE || toY < 0 || toY >= SIZE) continue;
      result[toY * SIZE + toX] = pixels[y * SIZE + x] as number;
    }
  }
  return result;
}
