/** Convolutions of 3 by 3 with stride 1: see assembly/winograd.ts. */
import type { WindowGeometry } from "@hone/core/kernels";
import { type Border, borderedBytes, cellTable, windowTable } from "./geometry.js";
import { type Argument, float, invoke, type KernelCall, Workspace } from "./lowering.js";
import { panelsOf } from "./products.js";

/** Input channels from which 16 products are worth two transforms, and output channels to share them. */
const LEAST_INPUT_CHANNELS = 8;
const LEAST_OUTPUT_CHANNELS = 8;

/** Floats of a group's transformed cells: what the second cache holds beside the filter. */
const CELL_FLOATS = 65_536;
/** An image whose cells take more would read them from memory, and each thread would need room for them. */
const MOST_CELL_FLOATS = 2 ** 20;
const LARGEST_GROUP = 8;
const TILE_ROWS = 6;

export function suitsWinograd(g: WindowGeometry): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = g;
  const shape = [
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
  ];
  return (
    `${shape}` === "3,3,1,1,1,1" &&
    4 * g.outputHeight * g.outputWidth * g.inputChannels <= MOST_CELL_FLOATS &&
    g.inputChannels >= LEAST_INPUT_CHANNELS &&
    g.outputChannels >= LEAST_OUTPUT_CHANNELS
  );
}

/** Floats of the transformed filter. */
export function transformedFloats(inputChannels: number, outputChannels: number): number {
  return 16 * panelsOf(outputChannels) * 8 * inputChannels;
}

/** Cells are 2 by 2 outputs; a half one at the end reads a row or column more than there is. */
export function winogradBorder(g: WindowGeometry, height: number, width: number): Border {
  const [rows, columns] = [2 * height + 2, 2 * width + 2];
  const fits =
    g.padTop === 0 && g.padLeft === 0 && rows <= g.inputHeight && columns <= g.inputWidth;
  return fits ? { height: 0, width: 0 } : { height: rows, width: columns };
}

export interface WinogradOperands {
  readonly x: Argument;
  readonly transformed: Argument;
  readonly bias: Argument;
  readonly y: Argument;
  readonly winners: Argument;
  readonly floor: number;
}

/** @param height, width cells of an image */
export function winograd(
  kernel: "base/winogradMaxPool" | "base/winogradConv2d",
  g: WindowGeometry,
  height: number,
  width: number,
  operands: WinogradOperands,
  border: Border,
): KernelCall {
  const cells = height * width;
  const group = groupSize(g.batch, cells, g.inputChannels);
  const rows = TILE_ROWS * Math.ceil((group * cells) / TILE_ROWS);
  const workspace = new Workspace();
  const positions = kernel === "base/winogradMaxPool" ? cellTable(g, border, height, width) : 0;
  return invoke(
    kernel,
    Math.ceil(g.batch / group),
    operands.x,
    operands.bias,
    operands.y,
    operands.winners,
    windowTable(g, border),
    positions,
    operands.transformed,
    float(operands.floor),
    height,
    width,
    group,
    workspace.take(borderedBytes(g, border)),
    workspace.take(4 * 16 * rows * g.inputChannels),
    workspace.take(4 * 16 * rows * 8),
  );
}

/** As many images as fill tiles best, of those whose cells fit into a cache. */
function groupSize(batch: number, cells: number, channels: number): number {
  const fitting = Math.floor(CELL_FLOATS / (16 * cells * channels));
  const most = Math.max(1, Math.min(LARGEST_GROUP, fitting, Math.ceil(batch / 8)));
  const waste = (group: number) =>
    (TILE_ROWS * Math.ceil((group * cells) / TILE_ROWS)) / (group * cells);
  let best = 1;
  for (let group = 2; group <= most; group++) if (waste(group) < waste(best)) best = group;
  return best;
}
