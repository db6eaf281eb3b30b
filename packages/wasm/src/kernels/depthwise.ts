/**
 * Depthwise convolutions and their gradients. Kernels know one filter for each channel: where there are several,
 * images are read with their channels repeated, and the gradient for them is added up again.
 */
import {
  type Call,
  invariant,
  type Shape,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/kernels";
import {
  borderedBytes,
  borderOf,
  positionTable,
  tapTable,
  turnedGeometry,
  windowTable,
} from "./geometry.js";
import {
  type Argument,
  blocksOf,
  chunksOf,
  float,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  optionalInput,
  output,
  type Reference,
  Workspace,
} from "./lowering.js";
import { copy } from "./shape.js";

/** Channels and rows of a unit of kernels that walk over rows, and rows they keep: see assembly/depthwise-rows.ts. */
const BLOCK_CHANNELS = 16;
const BAND_ROWS = 16;
const KEPT_ROWS = 4;
/** Bytes of what they know of them. */
const ROWS_BYTES = 64;
/** Bytes of a vector of four channels. */
const VECTOR = 16;
const BLOCK_VECTORS = BLOCK_CHANNELS / 4;
/** Bytes of the filter's gradient for a block of channels. */
const GRADIENT_SUMS = 9 * VECTOR * BLOCK_VECTORS;
/** Bytes of four vectors. */
const FOUR_SUMS = 64;

const BOUNDS: Readonly<Record<string, readonly [floor: number, ceiling: number]>> = {
  linear: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  relu: [0, Number.POSITIVE_INFINITY],
  relu6: [0, 6],
};

/** The least and the greatest result. */
function boundsOf({ op, attributes }: Call): readonly [Argument, Argument] {
  const bounds = BOUNDS[`${attributes.activation ?? "linear"}`];
  invariant(bounds, op, `activation "${attributes.activation}" is unknown`);
  return [float(bounds[0]), float(bounds[1])];
}

interface Depthwise {
  /** With as many channels in as out. */
  readonly g: WindowGeometry;
  /** Filters for each channel of the images. */
  readonly multiplier: number;
}

function depthwiseOf(call: Call, x: Shape, y: Shape, filter: Shape): Depthwise {
  const g = windowGeometry(x, y, filter, call.attributes);
  const { inputChannels, outputChannels } = g;
  return { g: { ...g, inputChannels: outputChannels }, multiplier: outputChannels / inputChannels };
}

/** Whether kernels that walk over rows know such windows. */
function isSmall(g: WindowGeometry): boolean {
  const size = [g.filterHeight, g.filterWidth, g.dilationHeight, g.dilationWidth];
  return `${size}` === "3,3,1,1" && g.padLeft >= 0;
}

/** Pixels in a row of an image that windows reach, padding included. */
const reach = (g: WindowGeometry) => (g.outputWidth - 1) * g.strideWidth + 3;

/** The window, with the pixels in a row that is laid out with its padding. */
const rowWindow = (g: WindowGeometry, width: number) => windowTable(g, { height: 0, width });

/** Pieces of workspace: what is known of rows, those that are kept and one of zeros, and a row of a block. */
function rowSpace(kept: number, other: number): Reference[] {
  const workspace = new Workspace();
  return [
    workspace.take(ROWS_BYTES),
    workspace.take(VECTOR * kept * (1 + KEPT_ROWS * BLOCK_VECTORS)),
    workspace.take(VECTOR * other * BLOCK_VECTORS),
    workspace.take(GRADIENT_SUMS),
  ];
}

/** How images of so many rows are cut: bands, and blocks of channels. */
function unitsOf({ batch, inputChannels }: WindowGeometry, rows: number) {
  const [bands, blocks] = [Math.ceil(rows / BAND_ROWS), Math.ceil(inputChannels / BLOCK_CHANNELS)];
  return { bands, blocks, units: batch * bands * blocks };
}

/** What kernels that walk over tables have: the tables, a bordered image, and four vectors. */
function tapSpace(g: WindowGeometry) {
  const border = borderOf(g);
  const workspace = new Workspace();
  return {
    window: windowTable(g, border),
    positions: positionTable(g, border),
    // Of the first channel, in which a tap is a pixel.
    taps: tapTable(g, border, 1),
    copy: workspace.take(borderedBytes(g, border)),
    sums: workspace.take(FOUR_SUMS),
  };
}

/** The images [B,H,W,C] with each channel as often as it has filters: what is to be read, and what makes it. */
function repeated(call: Call, index: number, multiplier: number): [Reference, KernelCall[]] {
  const images = input(call, index);
  if (multiplier === 1) return [images, []];
  const size = sizeOf(shapeOfInput(call, index));
  const all = new Workspace("shared").take(4 * size * multiplier);
  const from = { operand: images, strides: [1, 0] };
  return [all, copy([size, multiplier], from, { operand: all, strides: [multiplier, 1] })];
}

interface RowOperands {
  readonly x: Argument;
  readonly filter: Argument;
  readonly bias: Argument;
  readonly y: Argument;
  readonly bounds: readonly [Argument, Argument];
}

function byRows(g: WindowGeometry, o: RowOperands, turned: 0 | 1): KernelCall {
  const { units, bands, blocks } = unitsOf(g, g.outputHeight);
  const width = reach(g);
  const space = rowSpace(width, g.outputWidth).slice(0, 3);
  const operands = [o.x, o.filter, o.bias, o.y, rowWindow(g, width), turned, ...o.bounds];
  return invoke("depthwise/depthwiseRows", units, ...operands, bands, blocks, ...space);
}

/** Whether it walks over such rows. */
const suitsRows = (g: WindowGeometry) => isSmall(g) && g.strideWidth < 3;

function convolution(call: Call, bias: Argument): KernelCall[] {
  const [image, filter] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const { g, multiplier } = depthwiseOf(call, image, shapeOfOutput(call), filter);
  const [x, before] = repeated(call, 0, multiplier);
  const bounds = boundsOf(call);
  const operands = { x, filter: input(call, 1), bias, y: output(call), bounds };
  if (suitsRows(g)) return [...before, byRows(g, operands, 0)];
  const { window, positions, taps, copy: border, sums } = tapSpace(g);
  const { filter: weights, y } = operands;
  const tables = [window, positions, taps];
  return [
    ...before,
    invoke(
      "depthwise/depthwiseByTaps",
      g.batch,
      ...[x, weights, bias, y],
      ...tables,
      ...bounds,
      border,
      sums,
    ),
  ];
}

/** dx of filters for each channel alone. */
function inputGradientOf(call: Call, g: WindowGeometry, dx: Reference): KernelCall {
  const [dy, filter] = [input(call, 0), input(call, 1)];
  const turned = turnedGeometry(g);
  const strides = `${g.strideHeight},${g.strideWidth}`;
  if (strides === "1,1" && suitsRows(turned)) {
    const bounds = boundsOf(call);
    return byRows(turned, { x: dy, filter, bias: 0, y: dx, bounds }, 1);
  }
  if (strides === "2,2" && isSmall(g)) {
    const { units, bands, blocks } = unitsOf(g, g.inputHeight);
    const width = Math.max(g.inputWidth + g.padLeft, 2 * g.outputWidth + 1);
    const space = rowSpace(g.outputWidth, width).slice(0, 3);
    const operands = [dy, filter, dx, rowWindow(g, width), bands, blocks];
    return invoke("depthwise/depthwiseInputBy2", units, ...operands, ...space);
  }
  const { window, positions, taps, copy: border } = tapSpace(g);
  const operands = [dy, filter, dx, window, positions, taps, border];
  return invoke("depthwise/depthwiseInputByTaps", g.batch, ...operands);
}

function inputGradient(call: Call): KernelCall[] {
  const [dy, filter, dx] = [shapeOfInput(call, 0), shapeOfInput(call, 1), shapeOfOutput(call)];
  const { g, multiplier } = depthwiseOf(call, dx, dy, filter);
  if (multiplier === 1) return [inputGradientOf(call, g, output(call))];
  const size = sizeOf(dx);
  const all = new Workspace("shared").take(4 * size * multiplier);
  return [
    inputGradientOf(call, g, all),
    invoke("base/reduceSum", size, all, output(call), multiplier, 1, 1, multiplier),
  ];
}

function filterGradient(call: Call): KernelCall[] {
  const [image, dy] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const { g, multiplier } = depthwiseOf(call, image, dy, shapeOfOutput(call));
  const [x, before] = repeated(call, 0, multiplier);
  const size = sizeOf(shapeOfOutput(call));
  const chunks = chunksOf(g.batch, size);
  // In the place behind the repeated images, which are there as long.
  const shared = new Workspace("shared");
  if (multiplier > 1) shared.take(4 * sizeOf(image) * multiplier);
  const partials = shared.take(4 * chunks * size);
  const operands = [x, input(call, 1), partials];
  const sum = invoke("training/addPartials", blocksOf(size), partials, output(call), chunks, size);
  if (isSmall(g)) {
    const { blocks } = unitsOf(g, g.outputHeight);
    const width = reach(g);
    const rest = [rowWindow(g, width), chunks, blocks, ...rowSpace(width, g.outputWidth)];
    return [
      ...before,
      invoke("depthwise/depthwiseFilterGradient", chunks * blocks, ...operands, ...rest),
      sum,
    ];
  }
  const { window, positions, taps, copy: border, sums } = tapSpace(g);
  const rest = [window, positions, taps, border, sums, chunks];
  return [...before, invoke("depthwise/depthwiseFilterByTaps", chunks, ...operands, ...rest), sum];
}

export const lowerings: LoweringTable = {
  DepthwiseConv2dNative: (call) => convolution(call, 0),
  FusedDepthwiseConv2D: (call) => convolution(call, optionalInput(call, 2)),
  DepthwiseConv2dNativeBackpropInput: inputGradient,
  DepthwiseConv2dNativeBackpropFilter: filterGradient,
};

export { lowerings as base } from "./base.js";
