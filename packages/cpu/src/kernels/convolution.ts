/**
 * Convolution and its two gradients as products of unfolded patches P, one row per output position:
 * y = P·filter, dFilter = Pᵀ·dy, dP = dy·filterᵀ. A few output rows are unfolded at a time.
 */
import { shapeOfInput, shapeOfOutput, windowGeometry } from "@hone/core/backend";
import { Doubles, makePanels, multiplyAdd, packPanels } from "./gemm.js";
import { floatInput, floatOutput, type KernelFactory, type KernelTable } from "./kernel.js";
import { fold, outputRowsPerChunk, patchLength, unfold } from "./patches.js";

/** `x`, `filter` and `y` say which operand has that shape, gradients included. */
function geometryOf(
  x: readonly number[],
  filter: readonly number[],
  y: readonly number[],
  attributes: Readonly<Record<string, unknown>>,
) {
  const g = windowGeometry(x, y, filter, attributes);
  const rowsPerChunk = outputRowsPerChunk(g);
  return {
    g,
    rowsPerChunk,
    depth: patchLength(g),
    channels: g.outputChannels,
    patches: new Float64Array(rowsPerChunk * g.outputWidth * patchLength(g)),
  };
}

const conv2d: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const filter = floatInput(call, views, 1);
  const y = floatOutput(call, views);
  const { g, rowsPerChunk, depth, channels, patches } = geometryOf(
    shapeOfInput(call, 0),
    shapeOfInput(call, 1),
    shapeOfOutput(call),
    call.attributes,
  );
  const panels = makePanels(depth, channels);
  return () => {
    packPanels(panels, filter, 0, channels, 1, depth, channels);
    y.fill(0);
    for (let image = 0; image < g.batch; image++) {
      for (let row = 0; row < g.outputHeight; row += rowsPerChunk) {
        const rows = Math.min(rowsPerChunk, g.outputHeight - row);
        const start = (image * g.outputHeight + row) * g.outputWidth * channels;
        unfold(patches, x, g, image, row, rows);
        multiplyAdd(y, start, patches, 0, depth, 1, panels, rows * g.outputWidth, depth, channels);
      }
    }
  };
};

const conv2dBackpropFilter: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const dy = floatInput(call, views, 1);
  const dFilter = floatOutput(call, views);
  const { g, rowsPerChunk, depth, channels, patches } = geometryOf(
    shapeOfInput(call, 0),
    shapeOfOutput(call),
    shapeOfInput(call, 1),
    call.attributes,
  );
  const panels = makePanels(rowsPerChunk * g.outputWidth, channels);
  const sums = new Float64Array(depth * channels);
  return () => {
    sums.fill(0);
    for (let image = 0; image < g.batch; image++) {
      for (let row = 0; row < g.outputHeight; row += rowsPerChunk) {
        const positions = Math.min(rowsPerChunk, g.outputHeight - row) * g.outputWidth;
        const start = (image * g.outputHeight + row) * g.outputWidth * channels;
        unfold(patches, x, g, image, row, positions / g.outputWidth);
        packPanels(panels, dy, start, channels, 1, positions, channels);
        multiplyAdd(sums, 0, patches, 0, 1, depth, panels, depth, positions, channels);
      }
    }
    dFilter.set(sums);
  };
};

const conv2dBackpropInput: KernelFactory = (call, views) => {
  const dy = new Doubles(floatInput(call, views, 0));
  const filter = floatInput(call, views, 1);
  const dx = floatOutput(call, views);
  const { g, rowsPerChunk, depth, channels, patches } = geometryOf(
    shapeOfOutput(call),
    shapeOfInput(call, 1),
    shapeOfInput(call, 0),
    call.attributes,
  );
  const panels = makePanels(channels, depth);
  const pixels = new Float64Array(g.inputHeight * g.inputWidth * g.inputChannels);
  return () => {
    dy.refresh();
    packPanels(panels, filter, 0, 1, channels, channels, depth);
    for (let image = 0; image < g.batch; image++) {
      pixels.fill(0);
      for (let row = 0; row < g.outputHeight; row += rowsPerChunk) {
        const positions = Math.min(rowsPerChunk, g.outputHeight - row) * g.outputWidth;
        const start = (image * g.outputHeight + row) * g.outputWidth * channels;
        patches.fill(0);
        multiplyAdd(patches, 0, dy.values, start, channels, 1, panels, positions, channels, depth);
        fold(pixels, patches, g, row, positions / g.outputWidth);
      }
      dx.set(pixels, image * pixels.length);
    }
  };
};

export const convolutionKernels: KernelTable = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
};
