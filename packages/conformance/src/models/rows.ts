/** Rows to train on, made from a seed. */
import {
  type DataSpec,
  type LossName,
  RandomStream,
  type Shape,
  sizeOf,
} from "@hone/core/internals";
import type { TrainingRows } from "./trainer.js";

const STREAM = 0xda7a;
const SIDE = 28;
const CLASSES = 10;

/**
 * Pictures like those of digits: uint8 [28, 28, 1], a few soft strokes on a background of exact zeros,
 * so that pools and relus meet ties; ten classes, each with strokes of its own. One label in four is
 * drawn by lot, so that losses keep the size they have in real training: a loss of nearly nothing is the
 * difference of nearly equal numbers, and float32 keeps few digits of it.
 */
export function pictures(rows: number, seed = 1): TrainingRows {
  const random = new RandomStream(seed, STREAM);
  const strokes = Array.from({ length: CLASSES }, () =>
    Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => 5 + 17 * random.nextFloat())),
  );
  const x = new Uint8Array(rows * SIDE * SIDE);
  const y = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = random.nextInteger(CLASSES);
    y[row] = random.nextFloat() < 0.25 ? random.nextInteger(CLASSES) : label;
    const picture = x.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE);
    for (const [x0, y0, x1, y1] of strokes[label] as [number, number, number, number][]) {
      const bend = () => 2 * random.nextFloat() - 1;
      drawLine(picture, [x0 + bend(), y0 + bend(), x1 + bend(), y1 + bend()]);
    }
  }
  const spec = {
    x: { dtype: "uint8", rowShape: [SIDE, SIDE, 1], scale: 1 / 255, offset: 0 },
    y: { dtype: "int32", rowShape: [], scale: 1, offset: 0 },
  } as const;
  return { rows, spec, x, y };
}

function drawLine(picture: Uint8Array, [x0, y0, x1, y1]: [number, number, number, number]): void {
  const points = 40;
  for (let point = 0; point <= points; point++) {
    const along = point / points;
    const [px, py] = [x0 + (x1 - x0) * along, y0 + (y1 - y0) * along];
    for (let row = Math.floor(py) - 1; row <= py + 2; row++) {
      for (let column = Math.floor(px) - 1; column <= px + 2; column++) {
        const distance = Math.hypot(row - py, column - px);
        const ink = Math.round(255 * Math.max(0, 1 - distance / 1.5));
        const at = row * SIDE + column;
        if (ink > (picture[at] ?? 255)) picture[at] = ink;
      }
    }
  }
}

/** Rows of normal numbers with labels as a loss wants them. @param output shape of one row of the output */
export function randomRows(
  rows: number,
  row: Shape,
  output: Shape,
  loss: LossName,
  seed: number,
): TrainingRows {
  const random = new RandomStream(seed, STREAM);
  const x = Float32Array.from({ length: rows * sizeOf(row) }, () => random.nextNormal());
  const columns = output.at(-1) ?? 1;
  const sparse = loss === "sparseCategoricalCrossentropy";
  const size = rows * sizeOf(output);
  const labels = (): Int32Array | Float32Array => {
    if (sparse)
      return Int32Array.from({ length: size / columns }, () => random.nextInteger(columns));
    if (loss === "categoricalCrossentropy") {
      const hot = new Float32Array(size);
      for (let at = 0; at < size; at += columns) hot[at + random.nextInteger(columns)] = 1;
      return hot;
    }
    const yesOrNo = loss === "binaryCrossentropy";
    return Float32Array.from({ length: size }, () =>
      yesOrNo ? random.nextInteger(2) : random.nextNormal(),
    );
  };
  const spec: DataSpec = {
    x: { dtype: "float32", rowShape: row, scale: 1, offset: 0 },
    y: {
      dtype: sparse ? "int32" : "float32",
      rowShape: sparse ? output.slice(0, -1) : output,
      scale: 1,
      offset: 0,
    },
  };
  return { rows, spec, x, y: labels() };
}
