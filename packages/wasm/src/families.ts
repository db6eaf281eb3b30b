/**
 * Kernels by family: a file of WebAssembly and the code that launches what is in it, both loaded with the first entry
 * that has one of their ops. An op may call kernels of other families too: a kernel's name says of which it is.
 *
 * Launchers of each family export the base's too: bundlers that cut chunks by who needs what (esbuild) then keep the base in
 * one, where they would make ten, each of them a request.
 */
import { lowerings as base } from "./kernels/base.js";
import type { LoweringTable } from "./kernels/lowering.js";

export interface Family {
  /** Ops that its launchers know, with spaces between them. */
  readonly ops: string;
  load(): Promise<{ readonly lowerings: LoweringTable }>;
}

/** What is computed with by every device; its file also holds what runs calls. */
export const BASE = "base";
/** Its launchers make modules instead of calling a file's kernels. */
export const MAPS = "maps";

export const families: Readonly<Record<string, Family>> = {
  [BASE]: {
    ops: Object.keys(base).join(" "),
    load: async () => ({ lowerings: base }),
  },
  elementwise: {
    ops: "Abs Neg Sign Sqrt Rsqrt Square Reciprocal Exp Log Tanh Sigmoid Erf Softplus Relu Relu6 Elu Selu LeakyRelu Step ClipByValue Sub RealDiv Maximum Minimum Pow SquaredDifference EluGrad Equal NotEqual Greater GreaterEqual Less LessEqual Cast Select",
    load: () => import("./kernels/elementwise.js"),
  },
  arrays: {
    ops: "Transpose Gather UnsortedSegmentSum Max Min ArgMax LogSoftmax AvgPool",
    load: () => import("./kernels/arrays.js"),
  },
  [MAPS]: { ops: "Map", load: () => import("./kernels/maps.js") },
  training: {
    ops: "MultiplySum MultiplyByStep Conv2DBackpropFilter Conv2DBackpropInput FusedConv2DMaxPoolBackpropFilter FusedConv2DMaxPoolBackpropInput MaxPoolGrad MaxPoolGradByStep AvgPoolGrad GatherRows SoftmaxCrossEntropy SoftmaxCrossEntropyGrad CountCorrect RecordStep GlobalNorm ReadSchedule AssignMovingAverage",
    load: () => import("./kernels/training.js"),
  },
  noise: { ops: "Dropout Random AugmentImages", load: () => import("./kernels/noise.js") },
  depthwise: {
    ops: "DepthwiseConv2dNative FusedDepthwiseConv2D DepthwiseConv2dNativeBackpropInput DepthwiseConv2dNativeBackpropFilter",
    load: () => import("./kernels/depthwise.js"),
  },
  recurrent: {
    ops: "SimpleRNN GRU LSTM SimpleRNNGrad GRUGrad LSTMGrad",
    load: () => import("./kernels/recurrent.js"),
  },
};

const familyByOp = new Map(
  Object.entries(families).flatMap(([name, { ops }]) => ops.split(" ").map((op) => [op, name])),
);

/** Every op the backend implements. */
export const ops: readonly string[] = [...familyByOp.keys()];

/** The name of the family that launches an op. */
export function familyOf(op: string): string | undefined {
  return familyByOp.get(op);
}

/** Whether there is a file of it that a device has not got from the beginning. */
export function hasFile(family: string): boolean {
  return family !== BASE && family !== MAPS;
}
