/** A functional model of two inputs and two outputs, and data for it: what tests of several ports need. */
import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { RandomStream } from "../../random.js";
import type { Column, Dataset } from "../dataset.js";

const { layers } = tfl;

/** Inputs `size` [3] and `place` [2]; outputs `age` [1], a number, and `kind` [3], shares of classes. */
export function twoPorts(): tfl.LayersModel {
  const [size, place] = [
    tfl.input({ shape: [3], name: "size" }),
    tfl.input({ shape: [2], name: "place" }),
  ];
  const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const both = layers.concatenate().apply([size, place]) as tfl.SymbolicTensor;
  const hidden = layers
    .dense({ units: 6, activation: "tanh", kernelInitializer: seeded(1) })
    .apply(both);
  const age = layers.dense({ units: 1, name: "age", kernelInitializer: seeded(2) }).apply(hidden);
  const kind = layers
    .dense({ units: 3, activation: "softmax", name: "kind", kernelInitializer: seeded(3) })
    .apply(hidden);
  const outputs = [age, kind] as tfl.SymbolicTensor[];
  return tfl.model({ inputs: [size, place], outputs });
}

export const plain = (data: Column["data"], shape: readonly number[]): Column => ({
  data,
  shape,
  scale: 1,
  offset: 0,
});

export function randomValues(length: number, seed: number): Float32Array {
  const stream = new RandomStream(seed, 0);
  return Float32Array.from({ length }, () => 2 * stream.nextFloat() - 1);
}

/** Columns under the ports' names; kinds are class indices. */
export function twoPortsData(rows: number, seed = 5): Dataset {
  const size = randomValues(3 * rows, seed);
  const kinds = Float32Array.from(
    { length: rows },
    (_, row) => Math.floor(Math.abs(size[3 * row] as number) * 97) % 3,
  );
  const ages = Float32Array.from(
    { length: rows },
    (_, row) => (size[3 * row] as number) + 0.5 * (size[3 * row + 1] as number),
  );
  return {
    name: "ports",
    rows,
    labels: ["age", "kind"],
    columns: {
      size: plain(size, [3]),
      place: plain(randomValues(2 * rows, seed + 1), [2]),
      age: plain(ages, [1]),
      kind: plain(kinds, [1]),
    },
  };
}

/** A column's rows as a tensor. */
export function tensorOf({ rows, columns }: Dataset, name: string): tfc.Tensor {
  const { data, shape } = columns[name] as Column;
  return tfc.tensor(data, [rows, ...shape], "float32");
}

/** Differences no larger than `digits` decimal places allow. */
export function worst(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Number.NaN;
  return Math.max(0, ...Array.from(found, (value, at) => Math.abs(value - (wanted[at] as number))));
}
