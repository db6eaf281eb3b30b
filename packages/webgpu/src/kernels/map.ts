/** `Map`: its expression printed as WGSL. Pipelines are known by their text. */
import { isReadByElement, liveValues, readExpression } from "@hone/core/maps";
import { expressionLines } from "./expression-lines.js";
import type { Kernel, Kernels } from "./kernel.js";
import { pointwise } from "./pointwise.js";

const mapKernel: Kernel = (call) => {
  const expression = readExpression(call.attributes);
  const live = liveValues(expression);
  const values = live.flatMap((isLive, index) => (isLive ? [index] : []));
  return pointwise(
    call,
    (names) => {
      const stores = names.results.map((result, at) => `${result} = v${expression.results[at]};`);
      const lines = [...expressionLines(expression, values, names), ...stores];
      return lines.map((text) => `  ${text}`).join("\n");
    },
    (input) => isReadByElement(expression, input),
  );
};

export const maps: Kernels = { Map: mapKernel };
