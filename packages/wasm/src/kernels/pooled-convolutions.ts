/** Convolutions with the max pool of 2 by 2 behind them. */
import {
  type Call,
  outputOperand,
  type Shape,
  shapeOfInput,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/kernels";
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

/** Of the convolution itself, whose output is never stored: x [B,H,W,Ci] and the filter give its extents. */
export function geometryOf(x: Shape, filter: Shape, call: Call): WindowGeometry {
  const [height, width] = call.attributes.outputSize as readonly [number, number];
  const output = [x[0] as number, height, width, filter[3] as number];
  return windowGeometry(x, output, filter, call.attributes);
}

export const secondOutput = (call: Call): Argument =>
  call.outputs.length > 1 ? output(call, 1) : 0;

/** For assembly/stencil.ts. */
function isStencil(g: WindowGeometry): boolean {
  const { inputChannels, filterHeight, filterWidth, strideHeight, strideWidth } = g;
  return `${[inputChannels, filterHeight, filterWidth, strideHeight, strideWidth]}` === "1,3,3,1,1";
}

function stencil(call: Call, g: WindowGeometry, height: number, width: number): KernelCall {
  const border = borderOf(g);
  const workspace = new Workspace();
  return invoke(
    "base/stencilMaxPool",
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
    invoke("base/winogradFilter", panels, ...filter),
    winograd("base/winogradMaxPool", g, height, width, operands, border),
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
      "base/conv2dMaxPool",
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

export const pooledConvolutionLowerings: LoweringTable = { FusedConv2DMaxPool: forward };
