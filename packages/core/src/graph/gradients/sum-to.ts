/** What broadcasting made longer is summed back. */
import { reshape } from "../ops/rules.js";
import type { Shape } from "../types.js";
import type { GraphWriter } from "../writer.js";

/** Sums `id` over the axes along which `shape` was broadcast to it. */
export function sumTo(builder: GraphWriter, id: number, shape: Shape): number {
  const from = builder.shape(id);
  if (`${from}` === `${shape}`) return id;
  let result = id;
  const missing = from.length - shape.length;
  const broadcast = from.map((extent, axis) => axis < missing || shape[axis - missing] !== extent);
  for (let end = from.length; end > 0; end--) {
    if (!broadcast[end - 1]) continue;
    let start = end - 1;
    while (start > 0 && broadcast[start - 1]) start--;
    result = sumKeepingAxes(builder, result, start, end);
    end = start + 1;
  }
  return reshape(builder, result, shape);
}

function sumKeepingAxes(builder: GraphWriter, id: number, start: number, end: number): number {
  const axes = Array.from({ length: end - start }, (_, index) => start + index);
  return builder.op("Sum", [id], { axes, keepDims: true });
}
