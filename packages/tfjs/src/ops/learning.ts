/**
 * Optimizers and moving averages.
 *
 * Their operands are flat views over all parameters. Each parameter is a tensor of its own and is updated by
 * itself, as tfjs's optimizers do; what they change is replaced, since tensors never change.
 */
import { type Call, numberAttribute, sizeOf } from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { reduce } from "./reductions.js";
import { type CallRun, reshaped, type StockOp } from "./stock-op.js";

const SMALLEST_MOMENT = 1e-30;
const SCHEDULE_WIDTH = 3;

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

/** The numbers of this step's row of the schedule, which is input `index`. */
function scheduleRow(run: CallRun, index: number): readonly [number, number, number] {
  const start = run.values(index + 1)[0] as number;
  const row = run.values(index, (run.step - start) * SCHEDULE_WIDTH, SCHEDULE_WIDTH);
  return [row[0] as number, row[1] as number, row[2] as number];
}

/** Multiplies gradients by `clipNorm / norm` where the norm, input `index`, is larger; undefined without clipping. */
function gradientScale(run: CallRun, clipNorm: number, index: number): Tensor | undefined {
  if (!(clipNorm > 0)) return undefined;
  const norm = reshaped(run.input(index), []);
  return run.kernel("Select", {
    condition: run.kernel("Greater", { a: norm, b: run.scalar(clipNorm) }),
    t: run.kernel("RealDiv", { a: run.scalar(clipNorm), b: norm }),
    e: run.scalar(1),
  });
}

const CLIPPING_KERNELS = ["Select", "Greater", "RealDiv", "Multiply"];

const clipNormOf = (call: Call) => (call.attributes.clipNorm ?? 0) as number;

/** A number of this step alone. */
const passing = (run: CallRun, value: number) => run.upload(Float32Array.of(value), [], "float32");

const times = (run: CallRun, a: Tensor, b: Tensor | undefined) =>
  b ? run.kernel("Multiply", { a, b }) : a;

const applySgd: StockOp = {
  op: "ApplySgd",
  kernels: [...CLIPPING_KERNELS, "Sub"],
  lower: (call) => {
    const clipNorm = clipNormOf(call);
    return (run) => {
      const scale = gradientScale(run, clipNorm, 4);
      const rate = times(run, passing(run, scheduleRow(run, 2)[0]), scale);
      for (const segment of run.segments([0, 1])) {
        const move = times(run, segment.tensor(1), rate);
        segment.put(0, run.kernel("Sub", { a: segment.tensor(0), b: move }));
      }
      return undefined;
    };
  },
};

const applyMomentum: StockOp = {
  op: "ApplyMomentum",
  kernels: [...CLIPPING_KERNELS, "Add", "Sub"],
  lower: (call) => {
    const clipNorm = clipNormOf(call);
    const momentum = numberAttribute(call, "momentum");
    const useNesterov = call.attributes.useNesterov === true;
    return (run) => {
      const scale = gradientScale(run, clipNorm, 5);
      const rate = passing(run, scheduleRow(run, 3)[0]);
      const decayed = (x: Tensor) => times(run, x, run.scalar(momentum));
      for (const segment of run.segments([0, 1, 2])) {
        const gradient = times(run, segment.tensor(1), scale);
        const velocity = run.kernel("Add", { a: decayed(segment.tensor(2)), b: gradient });
        const move = useNesterov
          ? run.kernel("Add", { a: gradient, b: decayed(velocity) })
          : velocity;
        const step = times(run, move, rate);
        segment.put(0, run.kernel("Sub", { a: segment.tensor(0), b: step }));
        segment.put(2, velocity);
      }
      return undefined;
    };
  },
};

/** decay · average + (1 − decay) · value */
function movingAverage(run: CallRun, average: Tensor, value: Tensor, decay: number): Tensor {
  return run.kernel("Add", {
    a: times(run, average, run.scalar(decay)),
    b: times(run, value, run.scalar(1 - decay)),
  });
}

/** Zero where `size` is below the smallest moment; NaN stays. */
function withoutTiny(run: CallRun, moment: Tensor, size: Tensor): Tensor {
  const length = sizeOf(moment.shape);
  return run.kernel("Select", {
    condition: run.kernel("Less", { a: size, b: run.scalar(SMALLEST_MOMENT) }),
    t: run.constant(`${length} zeros`, () => ({
      values: new Float32Array(length),
      shape: [length],
    })),
    e: moment,
  });
}

/** Kingma and Ba, "Adam", 2015; the bias corrections 1/(1 − βᵗ) come with the schedule. */
const applyAdam: StockOp = {
  op: "ApplyAdam",
  kernels: [...CLIPPING_KERNELS, "Add", "Sub", "Square", "Sqrt", "Abs", "Less"],
  lower: (call) => {
    const clipNorm = clipNormOf(call);
    const beta1 = numberAttribute(call, "beta1");
    const beta2 = numberAttribute(call, "beta2");
    const epsilon = numberAttribute(call, "epsilon");
    return (run) => {
      const scale = gradientScale(run, clipNorm, 6);
      const [rate, first, second] = scheduleRow(run, 4);
      const [move, correction] = [passing(run, rate * first), passing(run, second)];
      for (const segment of run.segments([0, 1, 2, 3])) {
        const gradient = times(run, segment.tensor(1), scale);
        const square = run.kernel("Square", { x: gradient });
        const drawnM = movingAverage(run, segment.tensor(2), gradient, beta1);
        const m = withoutTiny(run, drawnM, run.kernel("Abs", { x: drawnM }));
        const drawnV = movingAverage(run, segment.tensor(3), square, beta2);
        const v = withoutTiny(run, drawnV, drawnV);
        const root = run.kernel("Sqrt", { x: times(run, v, correction) });
        const change = run.kernel("RealDiv", {
          a: times(run, m, move),
          b: run.kernel("Add", { a: root, b: run.scalar(epsilon) }),
        });
        segment.put(0, run.kernel("Sub", { a: segment.tensor(0), b: change }));
        segment.put(2, m);
        segment.put(3, v);
      }
      return undefined;
    };
  },
};

const assignMovingAverage: StockOp = {
  op: "AssignMovingAverage",
  kernels: ["Multiply", "Add"],
  lower: (call) => {
    const decay = numberAttribute(call, "decay");
    return (run) => movingAverage(run, run.input(0), run.input(1), decay);
  },
};

export const learningOps: readonly StockOp[] = [
  globalNorm,
  applySgd,
  applyMomentum,
  applyAdam,
  assignMovingAverage,
];
