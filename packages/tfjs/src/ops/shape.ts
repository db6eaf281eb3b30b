/** Ops that move elements. */
import { listAttribute, numberAttribute, reductionExtents, shapeOfInput } from "@hone/core/backend";
import { reshaped, type StockOp } from "./stock-op.js";

const transpose: StockOp = {
  op: "Transpose",
  kernels: ["Transpose"],
  lower: (call) => {
    const perm = [...listAttribute(call, "perm")];
    return (run) => run.kernel("Transpose", { x: run.input(0) }, { perm });
  },
};

const concat: StockOp = {
  op: "Concat",
  kernels: ["Concat"],
  lower: (call) => {
    const axis = numberAttribute(call, "axis");
    const count = call.inputs.length;
    return (run) =>
      run.kernel(
        "Concat",
        Array.from({ length: count }, (_, index) => run.input(index)),
        { axis },
      );
  },
};

const slice: StockOp = {
  op: "Slice",
  kernels: ["Slice"],
  lower: (call) => {
    const begin = [...listAttribute(call, "begin")];
    const size = [...listAttribute(call, "size")];
    return (run) => run.kernel("Slice", { x: run.input(0) }, { begin, size });
  },
};

/** The kernel of webgpu pads up to four axes at once. */
const MOST_PADDED_AXES = 4;

const pad: StockOp = {
  op: "PadV2",
  kernels: ["PadV2"],
  lower: (call) => {
    const flat = listAttribute(call, "paddings");
    const paddings = Array.from({ length: flat.length / 2 }, (_, axis) =>
      flat.slice(2 * axis, 2 * axis + 2),
    );
    const constantValue = numberAttribute(call, "constantValue");
    const shape = shapeOfInput(call, 0);
    if (shape.length <= MOST_PADDED_AXES) {
      return (run) => run.kernel("PadV2", { x: run.input(0) }, { paddings, constantValue });
    }
    return (run) => {
      let x = run.input(0);
      for (const [axis, [before = 0, after = 0]] of paddings.entries()) {
        if (before + after === 0) continue;
        const { outer, reduce: extent, inner } = reductionExtents(x.shape, [axis]);
        const one = [
          [0, 0],
          [before, after],
          [0, 0],
        ];
        const padded = run.kernel(
          "PadV2",
          { x: reshaped(x, [outer, extent, inner]) },
          { paddings: one, constantValue },
        );
        x = reshaped(padded, x.shape.with(axis, extent + before + after));
      }
      return x;
    };
  },
};

const tile: StockOp = {
  op: "Tile",
  kernels: ["Tile"],
  lower: (call) => {
    const reps = [...listAttribute(call, "reps")];
    return (run) => run.kernel("Tile", { x: run.input(0) }, { reps });
  },
};

export const shapeOps: readonly StockOp[] = [transpose, concat, slice, pad, tile];
