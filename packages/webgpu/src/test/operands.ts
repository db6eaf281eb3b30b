/** Programs written by hand: every operand fills a block of its own. */
import {
  type Block,
  type Call,
  type DataType,
  type Entry,
  type Operand,
  operandBytes,
  type Shape,
} from "@hone/core/backend";

/** An entry whose operands each fill a block, and whose buffers are named as those blocks. */
export function entryOf(
  name: string,
  calls: readonly Call[],
  residents: readonly string[] = [],
): Entry {
  const operands = new Map<string, Operand>();
  for (const call of calls) {
    for (const operand of [...call.inputs, ...call.outputs]) operands.set(operand.block, operand);
  }
  const blocks = [...operands.values()].map(
    (operand): Block => ({
      name: operand.block,
      kind: residents.includes(operand.block) ? "resident" : "memory",
      bytes: residents.includes(operand.block) ? 0 : operandBytes(operand, 32),
    }),
  );
  const buffers = Object.fromEntries(operands);
  for (const resident of residents) delete buffers[resident];
  return { name, blocks, buffers, constants: [], calls };
}

export function operandOf(block: string, shape: Shape, dtype: DataType = "float32"): Operand {
  return { block, byteOffset: 0, shape, dtype };
}
