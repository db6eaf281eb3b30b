/**
 * Norms, schedules and moving averages. An optimizer is a Map, which is taken apart into one op for each of its
 * operations on each parameter, as tfjs's own optimizers are.
 */
import { numberAttribute, shapeOfInput, shapeOfOutput, sizeOf } from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { reduce } from "./reductions.js";
import type { CallRun, StockOp } from "./stock-op.js";

const globalNorm: StockOp = {
  op: "GlobalNorm",
  kernels: ["Square", "Sum", "Sqrt", "Add"],
  lower: () => (run) => {
    const squares = run
      .segments([0])
      .map((segment) => reduce(run, "Sum", run.kernel("Square", { x: segment.tensor(0) }), 0));
    const sum = squares.reduce((a, b) => run.kernel("Add", { a, b }));
    return run.kernel("Sqrt", { x: sum });
  },
};

/** The row is picked by the host; outside of the schedule it is NaN. */
const readSchedule: StockOp = {
  op: "ReadSchedule",
  kernels: [],
  lower: (call) => {
    const columns = sizeOf(shapeOfOutput(call));
    return (run) => {
      const row = run.step - (run.values(1)[0] as number);
      const isThere = row >= 0 && row < (shapeOfInput(call, 0)[0] as number);
      const values = isThere
        ? Float32Array.from(run.values(0, row * columns, columns))
        : new Float32Array(columns).fill(Number.NaN);
      return run.upload(values, [columns], "float32");
    };
  },
};

const times = (run: CallRun, a: Tensor, b: Tensor) => run.kernel("Multiply", { a, b });

/** decay · average + (1 − decay) · value */
function movingAverage(run: CallRun, average: Tensor, value: Tensor, decay: number): Tensor {
  return run.kernel("Add", {
    a: times(run, average, run.scalar(decay)),
    b: times(run, value, run.scalar(1 - decay)),
  });
}

const assignMovingAverage: StockOp = {
  op: "AssignMovingAverage",
  kernels: ["Multiply", "Add"],
  lower: (call) => {
    const decay = numberAttribute(call, "decay");
    return (run) => movingAverage(run, run.input(0), run.input(1), decay);
  },
};

export const learningOps: readonly StockOp[] = [globalNorm, readSchedule, assignMovingAverage];
