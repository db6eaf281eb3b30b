/** Dropout: the mask is drawn, never stored, so the backward pass draws the same one again. */
import { firstBlockOf, numberAttribute, philox } from "@hone/core/backend";
import {
  floatInput,
  floatOutput,
  integerInput,
  type KernelFactory,
  type KernelTable,
} from "./kernel.js";

const dropout: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const seed = integerInput(call, views, 1);
  const y = floatOutput(call, views);
  const rate = numberAttribute(call, "rate");
  const ordinal = numberAttribute(call, "ordinal");
  const first = firstBlockOf(call);
  const threshold = Math.ceil(rate * 2 ** 24);
  const keep = 1 - rate;
  const lanes = new Uint32Array(4);
  const size = y.length;
  return (step) => {
    const key = seed[0] as number;
    for (let i = 0; i < size; i++) {
      const lane = i % 4;
      if (lane === 0) philox(lanes, first + i / 4, step, 0, 0, key, ordinal);
      const kept = (lanes[lane] as number) >>> 8 >= threshold;
      y[i] = kept ? (x[i] as number) / keep : 0;
    }
  };
};

export const dropoutKernels: KernelTable = { Dropout: dropout };
