/** Depthwise convolutions and their gradients. */
import { shapeOfInput, shapeOfOutput } from "@hone/core/backend";
import { convolutionAttributes, SpreadFilter } from "./convolutions.js";
import { reshaped, type StockOp } from "./stock-op.js";

const depthwise: StockOp = {
  op: "DepthwiseConv2dNative",
  kernels: ["DepthwiseConv2dNative"],
  lower: (call) => {
    const attrs = convolutionAttributes(call);
    return (run) =>
      run.kernel("DepthwiseConv2dNative", { x: run.input(0), filter: run.input(1) }, attrs);
  },
};

const fusedDepthwise: StockOp = {
  op: "FusedDepthwiseConv2D",
  kernels: ["FusedDepthwiseConv2D"],
  lower: (call) => {
    const attrs = { ...convolutionAttributes(call), activation: call.attributes.activation };
    const channels = shapeOfOutput(call).at(-1) ?? 1;
    const biased = call.inputs.length > 2;
    return (run) =>
      run.kernel(
        "FusedDepthwiseConv2D",
        {
          x: run.input(0),
          filter: run.input(1),
          bias: biased ? reshaped(run.input(2), [channels]) : undefined,
        },
        attrs,
      );
  },
};

const toInput: StockOp = {
  op: "DepthwiseConv2dNativeBackpropInput",
  kernels: ["DepthwiseConv2dNativeBackpropInput", "PadV2", "Slice"],
  lower: (call) => {
    const { dilations, ...attrs } = convolutionAttributes(call);
    const spread = new SpreadFilter(shapeOfInput(call, 1), dilations);
    const all = { ...attrs, dilations: [1, 1], inputShape: shapeOfOutput(call) };
    return (run) => {
      const filter = spread.spread(run, run.input(1));
      return run.kernel("DepthwiseConv2dNativeBackpropInput", { dy: run.input(0), filter }, all);
    };
  },
};

const toFilter: StockOp = {
  op: "DepthwiseConv2dNativeBackpropFilter",
  kernels: ["DepthwiseConv2dNativeBackpropFilter", "StridedSlice"],
  lower: (call) => {
    const { dilations, ...attrs } = convolutionAttributes(call);
    const spread = new SpreadFilter(shapeOfOutput(call), dilations);
    const all = { ...attrs, dilations: [1, 1], filterShape: spread.shape };
    return (run) => {
      const inputs = { x: run.input(0), dy: run.input(1) };
      return spread.gathered(run, run.kernel("DepthwiseConv2dNativeBackpropFilter", inputs, all));
    };
  },
};

export const depthwiseOps: readonly StockOp[] = [depthwise, fusedDepthwise, toInput, toFilter];
