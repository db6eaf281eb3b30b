/** Rows of a table by number, and rows added up by number, in order of position. */
import { numberAttribute, shapeOfInput, sizeOf } from "@hone/core/backend";
import {
  floatInput,
  floatOutput,
  integerInput,
  type KernelFactory,
  type KernelTable,
} from "./kernel.js";

const gather: KernelFactory = (call, views) => {
  const table = floatInput(call, views, 0);
  const indices = integerInput(call, views, 1);
  const y = floatOutput(call, views);
  const [rows, ...row] = shapeOfInput(call, 0) as readonly [number, ...number[]];
  const length = sizeOf(row);
  const outside = call.attributes.outside === "zero" ? 0 : Number.NaN;
  return () => {
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at] as number;
      const [from, to] = [index * length, at * length];
      if (index < 0 || index >= rows) y.fill(outside, to, to + length);
      else for (let i = 0; i < length; i++) y[to + i] = table[from + i] as number;
    }
  };
};

/** Sums are doubles until all rows are added. */
const unsortedSegmentSum: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const segmentIds = integerInput(call, views, 1);
  const y = floatOutput(call, views);
  const count = numberAttribute(call, "numSegments");
  const length = sizeOf(shapeOfInput(call, 0).slice(shapeOfInput(call, 1).length));
  const sums = new Float64Array(y.length);
  return () => {
    sums.fill(0);
    for (let at = 0; at < segmentIds.length; at++) {
      const segment = segmentIds[at] as number;
      if (segment < 0 || segment >= count) continue;
      const [from, to] = [at * length, segment * length];
      for (let i = 0; i < length; i++) {
        sums[to + i] = (sums[to + i] as number) + (x[from + i] as number);
      }
    }
    y.set(sums);
  };
};

export const gatherKernels: KernelTable = {
  Gather: gather,
  UnsortedSegmentSum: unsortedSegmentSum,
};
