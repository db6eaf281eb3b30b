/** How many bytes an element takes on a device. */
import { sizeOf } from "../graph/geometry.js";
import type { DataType } from "../graph/types.js";
import type { Operand } from "./program.js";

/** Bits of a float32 element: 64 on a device whose floats are doubles, for exactness. */
export type Precision = 32 | 64;

const BYTES: Readonly<Record<DataType, Readonly<Record<Precision, number>>>> = {
  float32: { 32: 4, 64: 8 },
  int32: { 32: 4, 64: 4 },
  uint8: { 32: 1, 64: 1 },
};

/** Bytes of an element on a device of this precision. */
export function bytesPerElement(dtype: DataType, precision: Precision): number {
  return BYTES[dtype][precision];
}

/** Bytes from an operand's first element to behind its last. */
export function operandBytes(
  { shape, dtype }: Pick<Operand, "shape" | "dtype">,
  precision: Precision,
): number {
  return sizeOf(shape) * bytesPerElement(dtype, precision);
}
