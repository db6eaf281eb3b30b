/**
 * What a kernel is: a factory that looks at a call once, at prepare, and returns a closure that
 * computes it. The closure makes no objects; workspace it needs is made by the factory.
 *
 * In 32-bit mode the arithmetic inside a kernel is JavaScript's own, in doubles, and rounds when a
 * result is stored: a reference should be the most accurate of all adapters.
 */
import { type Call, invariant, type TypedArray } from "@hone/core/backend";

export type Floats = Float32Array | Float64Array;
export type Kernel = (step: number) => void;

/** Typed arrays over a call's operands, in the call's order. */
export interface Views {
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TypedArray[];
}

export type KernelFactory = (call: Call, views: Views) => Kernel;
export type KernelTable = Readonly<Record<string, KernelFactory>>;

/** Input `index`, of whatever type. */
export function input(call: Call, views: Views, index: number): TypedArray {
  const view = views.inputs[index];
  invariant(view, call.op, `input ${index} is missing`);
  return view;
}

/** Input `index`, which must be float32 (doubles on a 64-bit device). */
export function floatInput(call: Call, views: Views, index: number): Floats {
  return asFloats(call, input(call, views, index), `input ${index}`);
}

/** Input `index`, which must be int32. */
export function integerInput(call: Call, views: Views, index: number): Int32Array {
  const view = input(call, views, index);
  invariant(view instanceof Int32Array, call.op, `input ${index} is not int32`);
  return view;
}

/** Output `index`, of whatever type. */
export function output(call: Call, views: Views, index = 0): TypedArray {
  const view = views.outputs[index];
  invariant(view, call.op, `output ${index} is missing`);
  return view;
}

/** Output `index`, which must be float32 (doubles on a 64-bit device). */
export function floatOutput(call: Call, views: Views, index = 0): Floats {
  return asFloats(call, output(call, views, index), `output ${index}`);
}

/** Output `index` of an in-place op, which must be the same memory as input `source`. */
export function changedInput(call: Call, views: Views, index: number, source: number): Floats {
  const [from, to] = [call.inputs[source], call.outputs[index]];
  const same = from && to && from.block === to.block && from.byteOffset === to.byteOffset;
  invariant(same, call.op, `output ${index} is not its input ${source} in place`);
  return floatOutput(call, views, index);
}

function asFloats(call: Call, view: TypedArray, which: string): Floats {
  const floats = view instanceof Float32Array || view instanceof Float64Array;
  invariant(floats, call.op, `${which} is not float32`);
  return view;
}
