/** Rows to train on, made from a seed. */
import { labelKind, type NamedLoss, RandomStream, type Shape, sizeOf } from "@hone/core/internals";
import type { TrainingColumn, TrainingRows } from "./trainer.js";

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
  const images = { dtype: "uint8", rowShape: [SIDE, SIDE, 1], scale: 1 / 255, offset: 0 } as const;
  return { rows, inputs: [{ ...images, data: x }], labels: [wholeColumn(y)] };
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

/** Numbers as they are. */
export function floatColumn(rowShape: Shape, data: Float32Array): TrainingColumn {
  return { dtype: "float32", rowShape, scale: 1, offset: 0, data };
}

/** Class indices. */
export function wholeColumn(data: Int32Array, rowShape: Shape = []): TrainingColumn {
  return { dtype: "int32", rowShape, scale: 1, offset: 0, data };
}

/** Rows of normal numbers with labels as a loss wants them. @param output shape of one row of the output */
export function randomRows(
  rows: number,
  row: Shape,
  output: Shape,
  loss: NamedLoss,
  seed: number,
): TrainingRows {
  const random = new RandomStream(seed, STREAM);
  const x = Float32Array.from({ length: rows * sizeOf(row) }, () => random.nextNormal());
  return {
    rows,
    inputs: [floatColumn(row, x)],
    labels: [labelsFor(loss, rows, output, random)],
  };
}

/** Labels as a loss wants them, drawn by lot. @param output shape of one row of the output */
export function labelsFor(
  loss: NamedLoss,
  rows: number,
  output: Shape,
  random: RandomStream,
): TrainingColumn {
  const columns = output.at(-1) ?? 1;
  const size = rows * sizeOf(output);
  const each = (draw: () => number) =>
    floatColumn(
      output,
      Float32Array.from({ length: size }, () => draw()),
    );
  switch (labelKind(loss)) {
    case "class-index": {
      const classes = Int32Array.from({ length: size / columns }, () =>
        random.nextInteger(columns),
      );
      return wholeColumn(classes, output.slice(0, -1));
    }
    case "one-hot": {
      const hot = new Float32Array(size);
      for (let at = 0; at < size; at += columns) hot[at + random.nextInteger(columns)] = 1;
      return floatColumn(output, hot);
    }
    case "binary":
      return each(() => random.nextInteger(2));
    case "sign":
      return each(() => 2 * random.nextInteger(2) - 1);
    case "distribution": {
      const shares = Float32Array.from({ length: size }, () => 0.1 + random.nextFloat());
      for (let at = 0; at < size; at += columns) {
        const row = shares.subarray(at, at + columns);
        const sum = row.reduce((total, share) => total + share, 0);
        for (const [index, share] of row.entries()) row[index] = share / sum;
      }
      return floatColumn(output, shares);
    }
    case "number":
      return loss.name === "poisson"
        ? each(() => random.nextInteger(4))
        : each(() => random.nextNormal());
  }
}
