/** Small programs for tests of the contract. */
import {
  type Call,
  type Entry,
  type Operand,
  operandBytes,
  type Program,
} from "@hone/core/backend";

export function tensor(block: string, ...shape: number[]): Operand {
  return { block, byteOffset: 0, shape, dtype: "float32" };
}

export function call(op: string, inputs: Operand[], output: Operand, attributes = {}): Call {
  return { op, inputs, outputs: [output], attributes };
}

/** An entry over blocks of its operands' largest extents, all of which are buffers. */
export function entry(
  name: string,
  calls: readonly Call[],
  residents: readonly string[] = [],
): Entry {
  const ends = new Map<string, number>();
  const buffers: Record<string, Operand> = {};
  for (const { inputs, outputs } of calls) {
    for (const operand of [...inputs, ...outputs]) {
      const end = operand.byteOffset + operandBytes(operand, 32);
      if ((ends.get(operand.block) ?? 0) <= end) {
        ends.set(operand.block, end);
        if (!residents.includes(operand.block)) buffers[operand.block] = operand;
      }
    }
  }
  const blocks = [...ends].map(([block, bytes]) =>
    residents.includes(block)
      ? { name: block, kind: "resident" as const, bytes: 0 }
      : { name: block, kind: "memory" as const, bytes },
  );
  return { name, blocks, buffers, constants: [], calls };
}

/** A step of a layer that feeds on its own output: gather, dropout, product, tanh. */
export function recurrence(): Program {
  const [x, state, weights] = [tensor("x", 4, 8), tensor("state", 4, 8), tensor("weights", 8, 8)];
  const [product, dropped, sum] = [
    tensor("product", 4, 8),
    tensor("dropped", 4, 8),
    tensor("sum", 4, 8),
  ];
  const images: Operand = { ...tensor("images", 8), dtype: "uint8" };
  const seed: Operand = { ...tensor("seed", 1), dtype: "int32" };
  const calls = [
    call("GatherRows", [images], x, { stride: 1, scale: 1 / 255, offset: 0 }),
    call("Dropout", [state, seed], dropped, { rate: 0.25, ordinal: 0 }),
    call("BatchMatMul", [dropped, weights], product, { transposeA: false, transposeB: false }),
    call("Add", [product, x], sum),
    call("Tanh", [sum], state),
  ];
  const made = entry("step", calls, ["images"]);
  return { entries: [{ ...made, constants: [{ operand: seed, value: Int32Array.of(7) }] }] };
}

export const pixels = {
  data: Uint8Array.from({ length: 2_000 * 8 }, (_, i) => (i * 37) % 256),
  rowLength: 8,
};
