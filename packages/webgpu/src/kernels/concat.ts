/** Tensors joined along an axis. */
import { sizeOf } from "@hone/core/kernels";
import {
  type Kernel,
  type Kernels,
  type Launch,
  numberOf,
  output,
  overElements,
} from "./kernel.js";

/** As many as a launch may bind, beside the result. */
const MOST_INPUTS = 7;

/** The result is a matrix, of which each input is some columns. One invocation copies an element. */
const concatKernel: Kernel = (call) => {
  const result = output(call);
  const axis = numberOf(call, "axis");
  const inner = sizeOf(result.shape.slice(axis + 1));
  const row = (result.shape[axis] as number) * inner;
  const launches: Launch[] = [];
  let column = 0;
  for (let first = 0; first < call.inputs.length; first += MOST_INPUTS) {
    const inputs = call.inputs.slice(first, first + MOST_INPUTS);
    let length = 0;
    const lines = inputs.map(({ shape }, input) => {
      const [begin, columns, from] = [length, (shape[axis] as number) * inner, column];
      length += sizeOf(shape);
      column += columns;
      const place = `at / ${columns}u * ${row}u + ${from}u + at % ${columns}u`;
      return `if (index < ${length}u) { let at = index - ${begin}u; result[${place}] = x${input}[at]; return; }`;
    });
    launches.push(
      ...overElements(length, {
        sources: [`fn make(index: u32) {\n${lines.join("\n")}\n}\n`],
        read: Object.fromEntries(inputs.map((x, input) => [`x${input}`, x])),
        write: { result },
      }),
    );
  }
  return launches;
};

export const joins: Kernels = { Concat: concatKernel };
