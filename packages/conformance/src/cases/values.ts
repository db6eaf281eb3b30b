/** Makes an input's elements from a seed. */
import { RandomStream, sizeOf } from "@hone/core/internals";
import type { CaseInput, Values } from "./case.js";

/** Streams of the random generator that no model draws from. */
const STREAM = 0xc0ffee;
const CLEAR_OF_ZERO = 0.02;

/** The elements of an input, as a typed array of its type. */
export function valuesOf(input: CaseInput, seed: number): Float32Array | Int32Array | Uint8Array {
  const length = sizeOf(input.shape);
  const numbers = drawn(input.values, length, input.shape.at(-1) ?? 1, seed);
  if (input.dtype === "int32") return Int32Array.from(numbers);
  return input.dtype === "uint8" ? Uint8Array.from(numbers) : Float32Array.from(numbers);
}

function drawn(values: Values, length: number, columns: number, seed: number): number[] {
  const random = new RandomStream(seed, STREAM);
  const each = (element: (index: number) => number) => Array.from({ length }, (_, i) => element(i));
  switch (values.kind) {
    case "normal":
      return each(() => {
        const value = random.nextNormal();
        return (values.scale ?? 1) * (value + Math.sign(value) * CLEAR_OF_ZERO);
      });
    case "uniform":
      return each(() => values.low + (values.high - values.low) * random.nextFloat());
    case "integers":
      return each(() => values.low + random.nextInteger(values.high - values.low));
    case "list":
      return each((index) => values.of[index % values.of.length] as number);
    case "distinct":
      return shuffled(length, random).map((rank) => (4 * (rank + 0.5)) / length - 2);
    case "permutation":
      return shuffled(length, random);
    case "one-hot": {
      const hot = each(() => 0);
      for (let row = 0; row < length; row += columns) hot[row + random.nextInteger(columns)] = 1;
      return hot;
    }
  }
}

function shuffled(length: number, random: RandomStream): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let index = length - 1; index > 0; index--) {
    const other = random.nextInteger(index + 1);
    const held = order[index] as number;
    order[index] = order[other] as number;
    order[other] = held;
  }
  return order;
}
