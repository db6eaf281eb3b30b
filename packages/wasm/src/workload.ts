/** How much an entry computes: too little is not worth waking other threads for. */
import { type Call, type Entry, shapeOfInput, shapeOfOutput, sizeOf } from "@hone/core/backend";

/** Operations that one thread does in about 150 µs, some three times what waking a sleeping thread takes. */
export const WORTH_SHARING = 8e6;

/** What an element costs that is only read, changed a little and written. */
const OPERATIONS_PER_ELEMENT = 4;

/** About how many operations a run of the entry is. */
export function workloadOf(entry: Entry): number {
  return entry.calls.reduce((sum, call) => sum + operationsOf(call), 0);
}

function operationsOf(call: Call): number {
  const touched = [...call.inputs, ...call.outputs].filter(({ dtype }) => dtype !== "uint8");
  const elements = touched.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return OPERATIONS_PER_ELEMENT * elements + 2 * productsOf(call);
}

/** Multiplications of a product or a convolution; 0 of anything else. */
function productsOf(call: Call): number {
  if (call.op.endsWith("MatMul")) {
    const [a, y] = [shapeOfInput(call, 0), shapeOfOutput(call)];
    const terms = call.attributes.transposeA === true ? a.at(-2) : a.at(-1);
    return sizeOf(y) * (terms ?? 1);
  }
  if (!call.op.includes("Conv2D")) return 0;
  // Whichever of the operands is not an image batch is the filter or its gradient.
  const shapes = [...call.inputs, ...call.outputs].map(({ shape }) => shape);
  const batch = call.inputs[0]?.shape[0] ?? 1;
  const filter = shapes.find((shape) => shape.length === 4 && shape[0] !== batch) ?? [1];
  const [height, width] = (call.attributes.outputSize ??
    shapes.at(-1)?.slice(1, 3) ??
    []) as number[];
  return batch * (height ?? 1) * (width ?? 1) * sizeOf(filter);
}
