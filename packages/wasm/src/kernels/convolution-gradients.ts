/** Gradients of convolutions where every position may have one. */
import { type Call, shapeOfInput, shapeOfOutput, sizeOf, windowGeometry } from "@hone/core/kernels";
import { byWinograd, patchesOf } from "./convolutions.js";
import { tapsOf, turnedGeometry } from "./geometry.js";
import {
  blocksOf,
  chunksOf,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  offsets,
  output,
  Workspace,
} from "./lowering.js";
import { pack, packedBytes, panelsOf } from "./products.js";
import { suitsWinograd } from "./winograd.js";

/** Floats of patches that the input gradient computes before it adds them up: what a cache holds. */
const PATCH_FLOATS = 16_384;

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
      "training/conv2dBackpropFilter",
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
    invoke("training/addPartials", blocksOf(size), partials, output(call), chunks, size),
  ];
}

function inputGradient(call: Call): KernelCall[] {
  const [dy, filter] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const g = windowGeometry(shapeOfOutput(call), dy, filter, call.attributes);
  const turned = turnedGeometry(g);
  if (suitsWinograd(turned) && turned.padTop >= 0 && turned.padLeft >= 0) {
    const floor = Number.NEGATIVE_INFINITY;
    const operands = { x: input(call, 0), bias: 0, y: output(call), floor };
    return byWinograd("training/winogradTurnedFilter", turned, input(call, 1), operands);
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
      "training/conv2dBackpropInput",
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

export const convolutionGradients: LoweringTable = {
  Conv2DBackpropFilter: filterGradient,
  // Also what a transposed convolution is.
  Conv2DBackpropInput: inputGradient,
};
