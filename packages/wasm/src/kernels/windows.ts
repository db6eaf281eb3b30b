/** Pools, forward and backward. */
import {
  type Call,
  listAttribute,
  numberAttribute,
  type Shape,
  shapeOfInput,
  shapeOfOutput,
  windowGeometry,
} from "@hone/core/kernels";
import { windowTable } from "./geometry.js";
import {
  float,
  input,
  invoke,
  type KernelCall,
  type Lowering,
  type LoweringTable,
  output,
} from "./lowering.js";

function geometryOf(call: Call, x: Shape, y: Shape) {
  return windowGeometry(x, y, listAttribute(call, "filterSize"), call.attributes);
}

/** Whether the windows are 2 by 2, side by side, without padding: see assembly/pool-pairs.ts. */
function areWindowsPairs({ attributes }: Call): boolean {
  return (
    `${attributes.filterSize}/${attributes.strides}/${attributes.padding}` === "2,2/2,2/0,0,0,0"
  );
}

function pool(kernel: string, call: Call): KernelCall[] {
  const g = geometryOf(call, shapeOfInput(call, 0), shapeOfOutput(call));
  return [invoke(kernel, g.batch, input(call, 0), output(call), windowTable(g))];
}

function maxPoolGradient(kernel: string, call: Call, alpha = 0): KernelCall[] {
  const g = geometryOf(call, shapeOfInput(call, 1), shapeOfInput(call, 0));
  const operands = [input(call, 0), input(call, 1), input(call, 2), output(call)];
  return [invoke(kernel, g.batch, ...operands, windowTable(g), float(alpha))];
}

export const maxPool: Lowering = (call) =>
  pool(areWindowsPairs(call) ? "base/maxPoolPairs" : "base/maxPool", call);

export const averagePool: Lowering = (call) => pool("arrays/avgPool", call);

export const windowGradients: LoweringTable = {
  MaxPoolGrad: (call) =>
    maxPoolGradient(
      areWindowsPairs(call) ? "training/maxPoolGradPairs" : "training/maxPoolGrad",
      call,
    ),
  MaxPoolGradByStep: (call) =>
    maxPoolGradient("training/maxPoolGradPairsByStep", call, numberAttribute(call, "alpha")),
  AvgPoolGrad: (call) => {
    const g = geometryOf(call, shapeOfOutput(call), shapeOfInput(call, 0));
    return [invoke("training/avgPoolGrad", g.batch, input(call, 0), output(call), windowTable(g))];
  },
};
