/** Convolutions. */
import {
  type Call,
  shapeOfInput,
  shapeOfOutput,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/kernels";
import {
  borderedBytes,
  borderOf,
  positionTable,
  tapsOf,
  tapTable,
  windowTable,
} from "./geometry.js";
import {
  type Argument,
  float,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  optionalInput,
  output,
  Workspace,
} from "./lowering.js";
import { floorOf, pack, packedBytes, panelsOf, SCRATCH_BYTES } from "./products.js";
import {
  suitsWinograd,
  transformedFloats,
  type WinogradOperands,
  winograd,
  winogradBorder,
} from "./winograd.js";

/** The tables every convolution's kernel takes, and its pieces of workspace. */
export function patchesOf(g: WindowGeometry) {
  const border = borderOf(g);
  const workspace = new Workspace();
  return {
    window: windowTable(g, border),
    positions: positionTable(g, border),
    taps: tapTable(g, border),
    copy: workspace.take(borderedBytes(g, border)),
    scratch: workspace.take(SCRATCH_BYTES),
    workspace,
  };
}

export function byWinograd(
  transform: "base/winogradFilter" | "training/winogradTurnedFilter",
  g: WindowGeometry,
  filter: Argument,
  operands: Pick<WinogradOperands, "x" | "bias" | "y" | "floor">,
): KernelCall[] {
  const { inputChannels, outputChannels } = g;
  const floats = transformedFloats(inputChannels, outputChannels);
  const transformed = new Workspace("shared").take(4 * floats);
  const channels = [inputChannels, outputChannels];
  const [height, width] = [Math.ceil(g.outputHeight / 2), Math.ceil(g.outputWidth / 2)];
  const all = { ...operands, transformed, winners: 0 };
  const border = winogradBorder(g, height, width);
  return [
    invoke(transform, panelsOf(outputChannels), filter, transformed, ...channels),
    winograd("base/winogradConv2d", g, height, width, all, border),
  ];
}

function convolution(call: Call, bias: Argument, floor: number): KernelCall[] {
  const filter = shapeOfInput(call, 1);
  const g = windowGeometry(shapeOfInput(call, 0), shapeOfOutput(call), filter, call.attributes);
  if (suitsWinograd(g)) {
    const operands = { x: input(call, 0), bias, y: output(call), floor };
    return byWinograd("base/winogradFilter", g, input(call, 1), operands);
  }
  const [k, n] = [tapsOf(g), g.outputChannels];
  const packed = new Workspace("shared").take(packedBytes(k, n));
  const { window, positions, taps, copy, scratch } = patchesOf(g);
  return [
    pack(input(call, 1), packed, { k, n, transposed: false }),
    invoke(
      "base/conv2d",
      g.batch,
      input(call, 0),
      bias,
      output(call),
      window,
      positions,
      taps,
      packed,
      float(floor),
      copy,
      scratch,
    ),
  ];
}

export const convolutionLowerings: LoweringTable = {
  Conv2D: (call) => convolution(call, 0, Number.NEGATIVE_INFINITY),
  FusedConv2D: (call) => convolution(call, optionalInput(call, 2), floorOf(call)),
};
