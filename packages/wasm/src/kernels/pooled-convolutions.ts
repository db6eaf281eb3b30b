/** Convolutions with the max pool of 2 by 2 behind them, and gradients that follow its winners. */
import {
  type Call,
  inputOperand,
  outputOperand,
  type Shape,
  shapeOfInput,
  sizeOf,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/backend";
import { chunksOf } from "./convolutions.js";
import { borderedBytes, borderOf, cellTable, tapsOf, tapTable, windowTable } from "./geometry.js";
import {
  type Argument,
  float,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  output,
  Workspace,
} from "./lowering.js";
import { floorOf, pack, packedBytes, panelsOf, SCRATCH_BYTES } from "./products.js";
import { suitsWinograd, transformedFloats, winograd } from "./winograd.js";

/** Floats of the convolution's output that are computed before they are pooled. */
const OUTPUT_FLOATS = 4096;

/** Bytes of images whose patches should stay in the first cache together. */
const GROUP_BYTES = 44_000;

/** Channels in a share of a gradient that is not split over the batch. */
const CHANNELS_IN_SHARE = 16;

/** Of the convolution itself, whose output is never stored: x [B,H,W,Ci] and the filter give its extents. */
function geometryOf(x: Shape, filter: Shape, call: Call): WindowGeometry {
  const [height, width] = call.attributes.outputSize as readonly [number, number];
  const output = [x[0] as number, height, width, filter[3] as number];
  return windowGeometry(x, output, filter, call.attributes);
}

const secondOutput = (call: Call): Argument => (call.outputs.length > 1 ? output(call, 1) : 0);

/** For assembly/stencil.ts. */
function isStencil(g: WindowGeometry): boolean {
  const { inputChannels, filterHeight, filterWidth, strideHeight, strideWidth } = g;
  return `${[inputChannels, filterHeight, filterWidth, strideHeight, strideWidth]}` === "1,3,3,1,1";
}

function stencil(call: Call, g: WindowGeometry, height: number, width: number): KernelCall {
  const border = borderOf(g);
  const workspace = new Workspace();
  return invoke(
    "stencilMaxPool",
    g.batch,
    input(call, 0),
    call.inputs.length > 2 ? input(call, 2) : 0,
    output(call),
    secondOutput(call),
    windowTable(g, border),
    input(call, 1),
    float(floorOf(call)),
    height,
    width,
    workspace.take(borderedBytes(g, border)),
    workspace.take(9 * 16 * Math.ceil(g.outputChannels / 4)),
    workspace.take(4 * 16 * width),
  );
}

function pooledWinograd(
  call: Call,
  g: WindowGeometry,
  height: number,
  width: number,
): KernelCall[] {
  const { inputChannels, outputChannels } = g;
  const floats = transformedFloats(inputChannels, outputChannels);
  const transformed = new Workspace("shared").take(4 * floats);
  const panels = panelsOf(outputChannels);
  const filter = [input(call, 1), transformed, inputChannels, outputChannels];
  const operands = {
    x: input(call, 0),
    transformed,
    bias: call.inputs.length > 2 ? input(call, 2) : 0,
    y: output(call),
    winners: secondOutput(call),
    floor: floorOf(call),
  };
  // The border that the gradients read by too: cells that are pooled are whole.
  const border = borderOf(g);
  return [
    invoke("winogradFilter", panels, ...filter),
    winograd("winogradMaxPool", g, height, width, operands, border),
  ];
}

function forward(call: Call): KernelCall[] {
  const g = geometryOf(shapeOfInput(call, 0), shapeOfInput(call, 1), call);
  const [, height, width] = outputOperand(call).shape as readonly [number, number, number];
  if (isStencil(g)) return [stencil(call, g, height, width)];
  if (suitsWinograd(g)) return pooledWinograd(call, g, height, width);
  const [k, n] = [tapsOf(g), g.outputChannels];
  const border = borderOf(g);
  const packed = new Workspace("shared").take(packedBytes(k, n));
  const workspace = new Workspace();
  // Three cells are two tiles of six rows.
  const block = Math.min(height * width, 3 * Math.max(1, Math.floor(OUTPUT_FLOATS / 4 / n / 3)));
  return [
    pack(input(call, 1), packed, { k, n, transposed: false }),
    invoke(
      "conv2dMaxPool",
      g.batch,
      input(call, 0),
      call.inputs.length > 2 ? input(call, 2) : 0,
      output(call),
      secondOutput(call),
      windowTable(g, border),
      cellTable(g, border, height, width),
      tapTable(g, border),
      packed,
      float(floorOf(call)),
      height,
      width,
      block,
      workspace.take(borderedBytes(g, border)),
      workspace.take(SCRATCH_BYTES),
      workspace.take(4 * 4 * block * n),
    ),
  ];
}

function filterGradient(call: Call): KernelCall[] {
  const dFilter = outputOperand(call);
  const g = geometryOf(shapeOfInput(call, 0), dFilter.shape, call);
  const cells = sizeOf(shapeOfInput(call, 1)) / g.batch / g.outputChannels;
  const narrow = narrowWidth(g);
  if (narrow !== undefined) return narrowFilterGradient(call, g, cells, narrow);
  const run = g.filterWidth * g.inputChannels;
  const runWidth = 4 * Math.ceil(run / 4);
  const width = g.filterHeight * runWidth + 4;
  const channels = g.outputChannels;
  const chunks = chunksOf(g.batch, channels * width);
  const shareChannels = chunks > 1 ? channels : Math.min(channels, CHANNELS_IN_SHARE);
  const shares = Math.ceil(channels / shareChannels);
  const border = borderOf(g);
  const imageBytes = borderedBytes(g, border) || 4 * g.inputHeight * g.inputWidth * g.inputChannels;
  const mostInChunk = Math.ceil(g.batch / chunks);
  const group = Math.max(1, Math.min(mostInChunk, Math.floor(GROUP_BYTES / imageBytes)));
  const partials = new Workspace("shared").take(4 * chunks * channels * width);
  const workspace = new Workspace();
  return [
    invoke(
      "filterByWinners",
      chunks * shares,
      input(call, 0),
      input(call, 1),
      input(call, 2),
      partials,
      windowTable(g, border),
      tapTable(g, border),
      cells,
      chunks,
      shares,
      shareChannels,
      width,
      runWidth,
      group,
      workspace.take(group * borderedBytes(g, border)),
      workspace.take(8 * shareChannels * (cells * group + 1)),
      workspace.take(4 * channels),
    ),
    invoke(
      "addFilterPartials",
      width / 4,
      partials,
      output(call),
      secondOutput(call),
      chunks,
      channels,
      width,
      run,
      runWidth,
      width - 4,
      new Workspace().take(128),
    ),
  ];
}

/** Elements that a patch takes in assembly/narrow-gradient.ts; undefined where it does not fit. */
function narrowWidth(g: WindowGeometry): 12 | 28 | undefined {
  const taps = tapsOf(g);
  if (g.inputChannels !== 1 || taps > 27) return undefined;
  return taps <= 11 && g.outputChannels % 4 === 0 ? 12 : 28;
}

function narrowFilterGradient(
  call: Call,
  g: WindowGeometry,
  cells: number,
  width: 12 | 28,
): KernelCall[] {
  const border = borderOf(g);
  const taps = tapsOf(g);
  const channels = g.outputChannels;
  const chunks = chunksOf(g.batch, channels * width);
  const line = border.width || g.inputWidth;
  const pixels =
    (g.outputHeight - 1) * g.strideHeight * line + (g.outputWidth - 1) * g.strideWidth + 1;
  const partials = new Workspace("shared").take(4 * chunks * channels * width);
  const workspace = new Workspace();
  return [
    invoke(
      "narrowFilterByWinners",
      chunks,
      input(call, 0),
      input(call, 1),
      input(call, 2),
      partials,
      windowTable(g, border),
      cells,
      chunks,
      width,
      pixels,
      workspace.take(borderedBytes(g, border)),
      // What is stored past the last patch.
      workspace.take(4 * width * pixels + 64),
    ),
    invoke(
      "addFilterPartials",
      width / 4,
      partials,
      output(call),
      secondOutput(call),
      chunks,
      channels,
      width,
      taps,
      width,
      taps,
      new Workspace().take(128),
    ),
  ];
}

function inputGradient(call: Call): KernelCall[] {
  const filter = inputOperand(call, 2).shape;
  const g = geometryOf(outputOperand(call).shape, filter, call);
  const channels = g.outputChannels;
  const [, height, width] = shapeOfInput(call, 0) as readonly [number, number, number];
  const border = borderOf(g);
  const taps = tapsOf(g);
  const turned = new Workspace("shared").take(4 * taps * channels);
  const workspace = new Workspace();
  return [
    invoke("transposeMatrix", Math.ceil(taps / 16), input(call, 2), turned, taps, channels),
    invoke(
      "inputByWinners",
      g.batch,
      input(call, 0),
      input(call, 1),
      turned,
      output(call),
      windowTable(g, border),
      cellTable(g, border, height, width),
      tapTable(g, border),
      height * width,
      workspace.take(borderedBytes(g, border)),
      workspace.take(4 * 8 * (channels + 1)),
      workspace.take(4 * 4),
    ),
  ];
}

export const pooledConvolutionLowerings: LoweringTable = { FusedConv2DMaxPool: forward };

export const pooledConvolutionGradients: LoweringTable = {
  FusedConv2DMaxPoolBackpropFilter: filterGradient,
  FusedConv2DMaxPoolBackpropInput: inputGradient,
};
