/** Gradients of convolutions with a max pool behind them, which follow its winners. */
import {
  type Call,
  inputOperand,
  outputOperand,
  shapeOfInput,
  sizeOf,
  type WindowGeometry,
} from "@hone/core/kernels";
import { borderedBytes, borderOf, cellTable, tapsOf, tapTable, windowTable } from "./geometry.js";
import {
  chunksOf,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  output,
  Workspace,
} from "./lowering.js";
import { geometryOf, secondOutput } from "./pooled-convolutions.js";

/** Bytes of images whose patches should stay in the first cache together. */
const GROUP_BYTES = 44_000;

/** Channels in a share of a gradient that is not split over the batch. */
const CHANNELS_IN_SHARE = 16;

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
      "training/filterByWinners",
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
      "training/addFilterPartials",
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
      "training/narrowFilterByWinners",
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
      "training/addFilterPartials",
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
    invoke(
      "training/transposeMatrix",
      Math.ceil(taps / 16),
      input(call, 2),
      turned,
      taps,
      channels,
    ),
    invoke(
      "training/inputByWinners",
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

export const pooledConvolutionGradients: LoweringTable = {
  FusedConv2DMaxPoolBackpropFilter: filterGradient,
  FusedConv2DMaxPoolBackpropInput: inputGradient,
};
