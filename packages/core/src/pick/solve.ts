/** A device works on a problem: four steps of training, then a prediction. */
import type { Device, Entry, Executable, TypedArray } from "../backend.js";
import { type DataSpec, residentBuffer } from "../graph/feeds.js";
import { labelKind, lossOf, type NamedLoss } from "../graph/losses/index.js";
import { metricOf } from "../graph/metrics/index.js";
import { predictionBuffer, predictionStep } from "../graph/prediction-step.js";
import { trainingStep } from "../graph/steps.js";
import type { Term } from "../graph/terms.js";
import type { Graph } from "../graph/types.js";
import { holdEverything } from "../plan/everything.js";
import { missing } from "../plan/fuse.js";
import { planEntry } from "../plan/plan.js";
import { permutation, RandomStream } from "../random.js";
import { TrainingStepper } from "../run/training-stepper.js";
import { INPUT, Network, type NetworkWeight, OUTPUT, once } from "./network.js";
import type { Problem } from "./problems.js";

export const BATCH = 8;
export const STEPS = 4;
const ROWS = BATCH * STEPS;
const CAPACITY = { orderCapacity: ROWS, scheduleCapacity: STEPS };
const DATA_SEED = 0x64617461;

/** A problem as graphs, weights and data: the same every time. */
export interface PreparedProblem {
  readonly training: Graph;
  readonly prediction: Graph;
  readonly weights: readonly NetworkWeight[];
  readonly data: DataSpec;
  readonly x: Uint8Array | Float32Array;
  readonly y: Int32Array | Float32Array;
}

/** What came of it. Weights are in the problem's order. */
export interface Solution {
  readonly problem: Problem;
  readonly weights: readonly NetworkWeight[];
  /** Outputs for the first rows of the data before any step, [BATCH, outputs]. */
  readonly outputsAtStart: TypedArray;
  /** Absent when the device cannot train on this problem. */
  readonly training: TrainingSolution | undefined;
}

export interface TrainingSolution {
  /** As read back before the first step. */
  readonly start: readonly TypedArray[];
  /** Of the first step; none for a moving statistic. */
  readonly gradients: readonly (TypedArray | undefined)[];
  readonly afterFirst: readonly TypedArray[];
  readonly end: readonly TypedArray[];
  /** Of each step. */
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  /** For the same rows after the last step. */
  readonly outputs: TypedArray;
}

const prepared = new Map<Problem, PreparedProblem>();

export function prepareProblem(problem: Problem): PreparedProblem {
  const known = prepared.get(problem);
  if (known) return known;
  holdEverything();
  const { inputShape, loss, optimizer, augment, pixels = false } = problem;
  const network = (training: boolean) => {
    const built = new Network([BATCH, ...inputShape], training);
    return { built, model: built.model(problem.build(built, built.input)) };
  };
  const terms = termsOf(problem);
  const sparse = labelKind(lossOf(loss) as NamedLoss) === "class-index";
  const scale = pixels ? 1 / 255 : 1;
  const data: DataSpec = {
    columns: {
      x: { dtype: pixels ? "uint8" : "float32", rowShape: inputShape, scale, offset: 0 },
      y: {
        dtype: sparse ? "int32" : "float32",
        rowShape: sparse ? [] : [problem.outputs],
        scale: 1,
        offset: 0,
      },
    },
    inputs: { [INPUT]: "x" },
    labels: { [OUTPUT]: "y" },
  };
  const { built, model } = network(true);
  const options = { optimizer, terms, data, ...(augment && { augment }) };
  const made: PreparedProblem = Object.assign(drawn(problem, sparse), {
    training: trainingStep(model, { ...options, ...CAPACITY, stride: BATCH }),
    prediction: predictionStep(network(false).model),
    weights: built.weights,
    data,
  });
  prepared.set(problem, made);
  return made;
}

/** Data that is drawn when it is first asked for. */
function drawn(problem: Problem, sparse: boolean): Pick<PreparedProblem, "x" | "y"> {
  const data = once(() => drawData(problem, sparse));
  return {
    get x() {
      return data().x;
    },
    get y() {
      return data().y;
    },
  };
}

/** What a problem's output is judged by. */
function termsOf({ loss, outputs }: Problem): readonly Term[] {
  const named = lossOf(loss) as NamedLoss;
  const accuracy = labelKind(named) === "number" ? undefined : metricOf("acc", [outputs], named);
  return [{ output: OUTPUT, loss: named, weight: 1, metrics: accuracy ? [accuracy] : [] }];
}

function drawData({ inputShape, pixels, outputs, loss }: Problem, sparse: boolean) {
  const random = new RandomStream(DATA_SEED, 1);
  const length = ROWS * inputShape.reduce((product, extent) => product * extent, 1);
  const x = pixels
    ? Uint8Array.from({ length }, () => random.nextInteger(256))
    : Float32Array.from({ length }, () => 2 * random.nextFloat() - 1);
  if (sparse) return { x, y: Int32Array.from({ length: ROWS }, () => random.nextInteger(outputs)) };
  if (loss === "meanSquaredError") {
    return { x, y: Float32Array.from({ length: ROWS * outputs }, () => random.nextFloat()) };
  }
  if (loss === "binaryCrossentropy") {
    return { x, y: Float32Array.from({ length: ROWS * outputs }, () => random.nextInteger(2)) };
  }
  const y = new Float32Array(ROWS * outputs);
  for (let row = 0; row < ROWS; row++) y[row * outputs + random.nextInteger(outputs)] = 1;
  return { x, y };
}

/** Waits for the device, but not for ever; `what` is what the device was asked for. */
export type Patience = <T>(promise: Promise<T>, what: string) => Promise<T>;

/** @throws whatever the device throws, and what `patience` throws */
export async function solve(
  device: Device,
  problem: Problem,
  patience: Patience = (promise) => promise,
): Promise<Solution> {
  const { training, prediction, weights } = prepareProblem(problem);
  const { target } = device;
  const trains = missing(training, target.ops).length === 0;
  const predictEntry = planEntry(`predict@${BATCH}`, prediction, target);
  const trainEntry = trains ? planEntry(`train@${BATCH}`, training, target) : undefined;
  const entries = trainEntry ? [trainEntry, predictEntry] : [predictEntry];
  const executable = await patience(device.load({ entries }), "load");
  try {
    const placed = (name: string) => entries.some(({ buffers }) => buffers[name]);
    for (const { name, values } of weights) if (placed(name)) executable.write(name, values);
    const outputs = () => predictOutputs(executable, problem, patience);
    const outputsAtStart = await outputs();
    const steps = trainEntry && (await train(device, executable, problem, patience, trainEntry));
    const solved = steps && { ...steps, outputs: await outputs() };
    return { problem, weights, outputsAtStart, training: solved };
  } finally {
    executable.dispose();
  }
}

async function predictOutputs(
  executable: Executable,
  problem: Problem,
  patience: Patience,
): Promise<TypedArray> {
  const { x, data } = prepareProblem(problem);
  const rows = x.subarray(0, (x.length / ROWS) * BATCH);
  const input = Float32Array.from(rows, (value) => value * (data.columns.x?.scale ?? 1));
  executable.write(predictionBuffer("input", INPUT, BATCH), input);
  executable.run(`predict@${BATCH}`, { first: 0, steps: 1 });
  const output = predictionBuffer("output", OUTPUT, BATCH);
  const [outputs] = await patience(executable.read([output]), "read");
  return outputs as TypedArray;
}

async function train(
  device: Device,
  executable: Executable,
  problem: Problem,
  patience: Patience,
  { name: entry, buffers }: Entry,
): Promise<Omit<TrainingSolution, "outputs">> {
  const { weights, x, y } = prepareProblem(problem);
  const columns = {
    [residentBuffer("x")]: { data: x, rowLength: x.length / ROWS },
    [residentBuffer("y")]: { data: y, rowLength: y.length / ROWS },
  };
  const resident = await patience(device.upload(columns), "upload");
  try {
    for (const name of Object.keys(columns)) executable.bind(name, resident);
    const setup = { optimizer: problem.optimizer, terms: termsOf(problem) };
    const stepper = new TrainingStepper(() => executable, setup, CAPACITY);
    stepper.begin({ firstStep: 0, steps: STEPS, order: permutation(ROWS, DATA_SEED, 0) });
    if (buffers.seed) executable.write("seed", Int32Array.of(7));
    const names = weights.map(({ name }) => name);
    const gradients = names.map((name) => `gradient:${name}`);
    const held = gradients.filter((name) => buffers[name]);

    const start = await patience(executable.read(names), "read");
    executable.run(entry, { first: 0, steps: 1 });
    await patience(executable.sync(), "sync");
    const first = await patience(executable.read([...names, ...held]), "read");
    executable.run(entry, { first: 1, steps: STEPS - 1 });
    await patience(executable.sync(), "sync");
    const figures = await patience(stepper.figures(0, STEPS), "read");
    const end = await patience(executable.read(names), "read");
    return {
      start,
      afterFirst: first.slice(0, names.length),
      gradients: gradients.map((name) =>
        held.includes(name) ? first[names.length + held.indexOf(name)] : undefined,
      ),
      end,
      losses: figures.map(({ loss }) => loss),
      norms: figures.map(({ norm }) => norm),
    };
  } finally {
    resident.dispose();
  }
}
