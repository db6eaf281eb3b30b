/** One pool, forwards or backwards: a window's cells around each element. */
import {
  type Call,
  type Operand,
  sizeOf,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/kernels";
import { type Constants, type Launch, numbersOf, output, overElements } from "./kernel.js";
import windowLibrary from "./library/window.wgsl";
import { library } from "./library.js";

/** What a pool is between. */
export interface Pooled {
  readonly x: Operand;
  readonly y: Operand;
}

export function poolWindow(call: Call, { x, y }: Pooled): WindowGeometry {
  return windowGeometry(x.shape, y.shape, numbersOf(call, "filterSize"), call.attributes);
}

/**
 * @param source the op's file
 * @param more for one that makes other things than an element each: how many, and its own constants
 */
export function pool(
  call: Call,
  source: string,
  pooled: Pooled,
  read: Readonly<Record<string, Operand>>,
  more: { readonly length?: number; readonly constants?: Constants } = {},
): readonly Launch[] {
  const result = output(call);
  return overElements(more.length ?? sizeOf(result.shape), {
    sources: [source, windowLibrary, library.number],
    window: poolWindow(call, pooled),
    ...(more.constants && { constants: more.constants }),
    read,
    write: { result },
  });
}
