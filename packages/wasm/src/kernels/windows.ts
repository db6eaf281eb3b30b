/** Convolutions and pools, forward and backward. */
import {
  type Call,
  listAttribute,
  numberAttribute,
  type Shape,
  shapeOfInput,
  shapeOfOutput,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/backend";
import {
  type Argument,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  offsets,
  optionalInput,
  output,
  type Reference,
  table,
  Workspace,
} from "./lowering.js";
import { floorOf, packedBytes, SCRATCH_BYTES } from "./products.js";

/** Floats of patches that the input gradient computes before it adds them up: what a cache holds. */
const PATCH_FLOATS = 16_384;

/** Longer lists of non-zeros would not stay in a cache. */
const LONGEST_LISTS_BYTES = 2 ** 20;

/** The image a convolution reads: x itself (extents 0), or a copy with a border of zeros. */
interface Border {
  readonly height: number;
  readonly width: number;
}

function borderOf(g: WindowGeometry): Border {
  const height =
    (g.outputHeight - 1) * g.strideHeight + (g.filterHeight - 1) * g.dilationHeight + 1;
  const width = (g.outputWidth - 1) * g.strideWidth + (g.filterWidth - 1) * g.dilationWidth + 1;
  const fits =
    g.padTop === 0 && g.padLeft === 0 && height <= g.inputHeight && width <= g.inputWidth;
  return fits ? { height: 0, width: 0 } : { height, width };
}

/** The record `Window` of assembly/window.ts. */
function windowTable(
  g: WindowGeometry,
  { height, width }: Border = { height: 0, width: 0 },
): Reference {
  return table([
    g.batch,
    g.inputHeight,
    g.inputWidth,
    g.inputChannels,
    g.outputHeight,
    g.outputWidth,
    g.outputChannels,
    g.filterHeight,
    g.filterWidth,
    g.strideHeight,
    g.strideWidth,
    g.dilationHeight,
    g.dilationWidth,
    g.padTop,
    g.padLeft,
    height,
    width,
  ]);
}

/** Byte offsets in the image: of each output position's patch, and of each element in a patch. */
function patchTables(g: WindowGeometry, border: Border): { positions: Reference; taps: Reference } {
  const pixelBytes = 4 * g.inputChannels;
  const rowBytes = pixelBytes * (border.width || g.inputWidth);
  const positions = new Uint32Array(g.outputHeight * g.outputWidth);
  let index = 0;
  for (let row = 0; row < g.outputHeight; row++) {
    for (let column = 0; column < g.outputWidth; column++) {
      positions[index++] = row * g.strideHeight * rowBytes + column * g.strideWidth * pixelBytes;
    }
  }
  const taps = new Uint32Array(g.filterHeight * g.filterWidth * g.inputChannels);
  index = 0;
  for (let row = 0; row < g.filterHeight; row++) {
    for (let column = 0; column < g.filterWidth; column++) {
      const tap = row * g.dilationHeight * rowBytes + column * g.dilationWidth * pixelBytes;
      for (let channel = 0; channel < g.inputChannels; channel++) taps[index++] = tap + 4 * channel;
    }
  }
  return { positions: table(positions), taps: table(taps) };
}

function tapsOf(g: WindowGeometry): number {
  return g.filterHeight * g.filterWidth * g.inputChannels;
}

/** What every convolution's kernel takes after its operands, and where the rest of its room lies. */
function shared(g: WindowGeometry): { arguments: Argument[]; workspace: Workspace } {
  const border = borderOf(g);
  const { positions, taps } = patchTables(g, border);
  const workspace = new Workspace();
  const scratch = workspace.take(SCRATCH_BYTES);
  const copyBytes = 4 * border.height * border.width * g.inputChannels;
  const copy = border.height === 0 ? 0 : workspace.take(copyBytes);
  return { arguments: [windowTable(g, border), positions, taps, copy, scratch], workspace };
}

function convolution(call: Call, bias: Argument, floor: number): KernelCall[] {
  const filter = shapeOfInput(call, 1);
  const g = windowGeometry(shapeOfInput(call, 0), shapeOfOutput(call), filter, call.attributes);
  const { arguments: common, workspace } = shared(g);
  const packed = workspace.take(packedBytes(tapsOf(g), g.outputChannels));
  const operands = [input(call, 0), input(call, 1), bias, output(call)];
  return [invoke("conv2d", ...operands, ...common, packed, floor)];
}

/**
 * What assembly/sparse.ts needs: the filter turned, and lists of one image's non-zeros; zeros where
 * the filter's rows are not whole pieces of its four vectors, or the lists would be too long.
 */
function sparseRoom(g: WindowGeometry, workspace: Workspace): readonly [Argument, Argument] {
  const run = g.filterWidth * g.inputChannels;
  const listBytes = g.outputChannels * (8 * g.outputHeight * g.outputWidth + 4);
  if (g.dilationWidth !== 1 || run % 16 !== 0 || listBytes > LONGEST_LISTS_BYTES) return [0, 0];
  return [workspace.take(4 * tapsOf(g) * g.outputChannels), workspace.take(listBytes)];
}

function filterGradient(call: Call): KernelCall[] {
  const [x, dy] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const g = windowGeometry(x, dy, shapeOfOutput(call), call.attributes);
  const { arguments: common, workspace } = shared(g);
  const operands = [input(call, 0), input(call, 1), output(call)];
  return [invoke("conv2dBackpropFilter", ...operands, ...common, ...sparseRoom(g, workspace))];
}

function inputGradient(call: Call): KernelCall[] {
  const [dy, filter] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const g = windowGeometry(shapeOfOutput(call), dy, filter, call.attributes);
  const { arguments: common, workspace } = shared(g);
  const n = tapsOf(g);
  // A multiple of the four rows of a tile.
  const wanted = 4 * Math.max(1, Math.floor(PATCH_FLOATS / n / 4));
  const block = Math.min(wanted, g.outputHeight * g.outputWidth);
  return [
    invoke(
      "conv2dBackpropInput",
      input(call, 0),
      input(call, 1),
      output(call),
      ...common,
      ...sparseRoom(g, workspace),
      offsets(block, 4 * g.outputChannels),
      offsets(g.outputChannels, 4),
      workspace.take(packedBytes(g.outputChannels, n)),
      workspace.take(4 * block * n),
      block,
    ),
  ];
}

function poolGeometry(call: Call, x: Shape, y: Shape): Reference {
  return windowTable(windowGeometry(x, y, listAttribute(call, "filterSize"), call.attributes));
}

/** Whether the windows are 2 by 2, side by side, without padding: see assembly/pool-pairs.ts. */
export function areWindowsPairs({ attributes }: Call): boolean {
  return (
    `${attributes.filterSize}/${attributes.strides}/${attributes.padding}` === "2,2/2,2/0,0,0,0"
  );
}

function pool(kernel: string, call: Call): KernelCall[] {
  const window = poolGeometry(call, shapeOfInput(call, 0), shapeOfOutput(call));
  return [invoke(kernel, input(call, 0), output(call), window)];
}

function maxPoolGradient(kernel: string, call: Call, ...attributes: number[]): KernelCall[] {
  const window = poolGeometry(call, shapeOfInput(call, 1), shapeOfInput(call, 0));
  const operands = [input(call, 0), input(call, 1), input(call, 2), output(call)];
  return [invoke(kernel, ...operands, window, ...attributes)];
}

/** Made by fusion.ts, for windows that are pairs. */
export const fusedWindowLowerings: LoweringTable = {
  MaxPoolGradByStep: (call) =>
    maxPoolGradient("maxPoolGradPairsByStep", call, numberAttribute(call, "alpha")),
};

export const windowLowerings: LoweringTable = {
  Conv2D: (call) => convolution(call, 0, Number.NEGATIVE_INFINITY),
  FusedConv2D: (call) => convolution(call, optionalInput(call, 2), floorOf(call)),
  Conv2DBackpropFilter: filterGradient,
  Conv2DBackpropInput: inputGradient,
  MaxPool: (call) => pool(areWindowsPairs(call) ? "maxPoolPairs" : "maxPool", call),
  AvgPool: (call) => pool("avgPool", call),
  MaxPoolGrad: (call) =>
    maxPoolGradient(areWindowsPairs(call) ? "maxPoolGradPairs" : "maxPoolGrad", call),
  AvgPoolGrad: (call) => {
    const window = poolGeometry(call, shapeOfOutput(call), shapeOfInput(call, 0));
    return [invoke("avgPoolGrad", input(call, 0), output(call), window)];
  },
};
