/** Rows of data sets. */
import {
  inputOperand,
  invariant,
  numberAttribute,
  outputOperand,
  shapeOfInput,
  sizeOf,
} from "@hone/core/kernels";
import {
  type Argument,
  float,
  invoke,
  type Lowering,
  type LoweringTable,
  optionalInput,
  output,
} from "./lowering.js";

const columnTypes: Readonly<Record<string, number>> = { uint8: 0, int32: 1, float32: 2 };

const gatherRows: Lowering = (call) => {
  const column = inputOperand(call, 0);
  const { shape, dtype } = outputOperand(call);
  const rowLength = sizeOf(column.shape);
  const batch = shape[0] as number;
  invariant(
    batch * rowLength === sizeOf(shape),
    call.op,
    `rows of [${column.shape}] to [${shape}]`,
  );
  const ordered = call.inputs.length > 1;
  const capacity = ordered ? sizeOf(shapeOfInput(call, 1)) : 0;
  const type = columnTypes[column.dtype] as number;
  const record: Argument[] = [
    { kind: "operand", operand: column },
    { kind: "rows", operand: column },
    optionalInput(call, 1),
    optionalInput(call, 2),
    output(call),
    rowLength,
    numberAttribute(call, "stride"),
    capacity,
    type,
  ];
  if (dtype === "int32") return [invoke("training/gatherIntegers", batch, ...record)];
  const { scale = 1, offset = 0 } = call.attributes;
  return [
    invoke(
      "training/gatherFloats",
      batch,
      ...record,
      float(scale as number),
      float(offset as number),
    ),
  ];
};

export const rowLowerings: LoweringTable = { GatherRows: gatherRows };
