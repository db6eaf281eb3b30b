/** Convolutions, and their gradients where every position may have one. */
import {
  type Call,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/backend";
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
  blocksOf,
  float,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  offsets,
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

/** Floats of patches that the input gradient computes before it adds them up: what a cache holds. */
const PATCH_FLOATS = 16_384;

/** Partial sums of a filter's gradient, and how many floats all of them may take. */
const MOST_CHUNKS = 8;
const MOST_PARTIAL_FLOATS = 2 ** 21;

/** How many partial sums a gradient of `size` elements over a batch has: part of the program. */
export function chunksOf(batch: number, size: number): number {
  return Math.max(1, Math.min(MOST_CHUNKS, batch, Math.floor(MOST_PARTIAL_FLOATS / size)));
}

/** The tables every convolution's kernel takes, and its pieces of workspace. */
function patchesOf(g: WindowGeometry) {
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

function byWinograd(
  transform: "winogradFilter" | "winogradTurnedFilter",
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
    winograd("winogradConv2d", g, height, width, all, border),
  ];
}

function convolution(call: Call, bias: Argument, floor: number): KernelCall[] {
  const filter = shapeOfInput(call, 1);
  const g = windowGeometry(shapeOfInput(call, 0), shapeOfOutput(call), filter, call.attributes);
  if (suitsWinograd(g)) {
    const operands = { x: input(call, 0), bias, y: output(call), floor };
    return byWinograd("winogradFilter", g, input(call, 1), operands);
  }
  const [k, n] = [tapsOf(g), g.outputChannels];
  const packed = new Workspace("shared").take(packedBytes(k, n));
  const { window, positions, taps, copy, scratch } = patchesOf(g);
  return [
    pack(input(call, 1), packed, { k, n, transposed: false }),
    invoke(
      "conv2d",
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

function filterGradient(call: Call): KernelCall[] {
  const [x, dy] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const g = windowGeometry(x, dy, shapeOfOutput(call), call.attributes);
  const { window, positions, taps, copy, scratch } = patchesOf(g);
  const size = sizeOf(shapeOfOutput(call));
  const chunks = chunksOf(g.batch, size);
  const panels = panelsOf(g.outputChannels);
  const partials = new Workspace("shared").take(4 * chunks * size);
  return [
    invoke(
      "conv2dBackpropFilter",
      chunks * panels,
      input(call, 0),
      input(call, 1),
      partials,
      window,
      positions,
      taps,
      copy,
      scratch,
      chunks,
      panels,
    ),
    invoke("addPartials", blocksOf(size), partials, output(call), chunks, size),
  ];
}

/** Of the convolution that makes dx out of dy, for strides of 1: by the filter turned by half a turn. */
export function turnedGeometry(g: WindowGeometry): WindowGeometry {
  return {
    ...g,
    inputHeight: g.outputHeight,
    inputWidth: g.outputWidth,
    inputChannels: g.outputChannels,
    outputHeight: g.inputHeight,
    outputWidth: g.inputWidth,
    outputChannels: g.inputChannels,
    padTop: g.filterHeight - 1 - g.padTop,
    padLeft: g.filterWidth - 1 - g.padLeft,
  };
}

function inputGradient(call: Call): KernelCall[] {
  const [dy, filter] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const g = windowGeometry(shapeOfOutput(call), dy, filter, call.attributes);
  const turned = turnedGeometry(g);
  if (suitsWinograd(turned) && turned.padTop >= 0 && turned.padLeft >= 0) {
    const floor = Number.NEGATIVE_INFINITY;
    const operands = { x: input(call, 0), bias: 0, y: output(call), floor };
    return byWinograd("winogradTurnedFilter", turned, input(call, 1), operands);
  }
  const { window, positions, taps, copy, scratch, workspace } = patchesOf(g);
  const [n, k] = [tapsOf(g), g.outputChannels];
  const packed = new Workspace("shared").take(packedBytes(k, n));
  // A multiple of the six rows of a tile.
  const wanted = 6 * Math.max(1, Math.floor(PATCH_FLOATS / n / 6));
  const block = Math.min(wanted, g.outputHeight * g.outputWidth);
  return [
    pack(input(call, 1), packed, { k, n, transposed: true }),
    invoke(
      "conv2dBackpropInput",
      g.batch,
      input(call, 0),
      output(call),
      window,
      positions,
      taps,
      packed,
      offsets(block, 4 * k),
      offsets(k, 4),
      block,
      copy,
      scratch,
      workspace.take(4 * block * n),
    ),
  ];
}

export const convolutionLowerings: LoweringTable = {
  Conv2D: (call) => convolution(call, 0, Number.NEGATIVE_INFINITY),
  FusedConv2D: (call) => convolution(call, optionalInput(call, 2), floorOf(call)),
  // Also what a transposed convolution is.
  Conv2DBackpropInput: inputGradient,
};

export const convolutionGradients: LoweringTable = { Conv2DBackpropFilter: filterGradient };
