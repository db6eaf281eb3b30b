/** A program on a device: functions that are steps, over variables they share. */
import type { Device, TypedArray } from "../backend.js";
import { HoneError } from "../errors.js";
import { gradientBuffer } from "../graph/backward.js";
import type { DataSpec } from "../graph/feeds.js";
import { fedBuffer } from "../graph/feeds.js";
import { sizeOf } from "../graph/geometry.js";
import type { Optimizer } from "../graph/optimizer.js";
import { told } from "../graph/optimizer-rule.js";
import { computeStep, FUNCTION_TERMS, lossStep, resultBuffer } from "../graph/program-steps.js";
import { METRICS_RING, type StepCapacity } from "../graph/steps.js";
import { atBatch, type ModelGraph, type Template, type WeightInfo } from "../graph/template.js";
import type { Entry } from "../plan/program.js";
import { permutation } from "../random.js";
import { columnSpec } from "./data-plan.js";
import { type Column, columnOf, type Dataset, validateDataset } from "./dataset.js";
import { Engine, type HeldData } from "./engine.js";
import { checkOptions, isBoolean, isCount, isRate } from "./options.js";
import type { Rows } from "./predict.js";
import { type DeclaredInput, type RowsLike, readRows } from "./rows.js";
import { TrainingStepper } from "./training-stepper.js";

/** One function, traced. */
export interface ProgramFunction {
  readonly name: string;
  readonly kind: "minimize" | "gradients" | "compute";
  readonly template: Template<ModelGraph>;
  /** Places of its variables among the program's. */
  readonly variables: readonly number[];
  readonly optimizer: Optimizer | undefined;
}

export interface ProgramParts {
  readonly device: Device;
  readonly seed: number;
  readonly inputs: readonly DeclaredInput[];
  readonly functions: readonly ProgramFunction[];
  /** All variables, in their order. */
  readonly weights: readonly WeightInfo[];
  readonly values: readonly Float32Array[];
  readonly warnings: readonly string[];
  /** Gives the tf.Variables values, in their order. */
  readonly writeBack: (values: readonly Float32Array[]) => void;
  /** Places of what was given as variables: a tf.Variable, a layer's, a model's, or several. */
  readonly placesOf: (given: unknown, which: "trainable" | "every") => readonly number[];
}

export interface RunOptions {
  /** Steps to take; 1 unless given, a whole pass for a data set. */
  readonly steps?: number;
  /** Rows of a step of a data set; 64 unless given. */
  readonly batchSize?: number;
  /** Draw a new order of a data set for each pass; true unless said otherwise. */
  readonly shuffle?: boolean;
  /** The optimizer's own unless given. */
  readonly learningRate?: number;
  /** Rows, for a function that reads no input; 1 unless given. */
  readonly batch?: number;
}

/** What steps with a loss found; figures are those before each step. */
export interface LossResult {
  /** Of the last step. */
  readonly loss: number;
  /** Of each step; of the last 1,024 where there were more. */
  readonly losses: Float32Array;
}
export interface GradientsResult extends LossResult {
  /** Of the last step, by the variables' names. */
  readonly gradients: Readonly<Record<string, Rows>>;
}
/** Data and shape are those of the only result; `results` has them by name. */
export interface ComputeResult extends Rows {
  readonly results: Readonly<Record<string, Rows>>;
}
export type RunResult = LossResult | GradientsResult | ComputeResult;

const OPTIONS = {
  steps: { is: isCount, wanted: "a whole number above 0" },
  batchSize: { is: isCount, wanted: "a whole number above 0" },
  shuffle: { is: isBoolean, wanted: "true or false" },
  learningRate: { is: isRate, wanted: "a number from 0 on" },
  batch: { is: isCount, wanted: "a whole number above 0" },
} as const;

/** Steps whose learning rates are sent at once where rows come from the host. */
const WINDOW = 512;
const CHUNK = METRICS_RING / 4;

/** How far a function has come. */
interface Progress {
  step: number;
  /** Up to which step rates and order were sent, and under which rate. */
  windowEnd: number;
  learningRate: number;
  /** The data set it is in, the passes begun, and the rows of its steps. */
  pass: { dataset: Dataset; batchSize: number; firstStep: number; steps: number } | undefined;
  passes: number;
}

export class ProgramSession {
  readonly device: Device;
  readonly warnings: readonly string[];
  readonly #parts: ProgramParts;
  readonly #engine: Engine;
  readonly #progress = new Map<string, Progress>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ProgramParts) {
    this.#parts = parts;
    this.device = parts.device;
    this.warnings = parts.warnings;
    this.#engine = new Engine(parts.device, parts.weights, parts.values, parts.seed);
  }

  /** @throws as `run` of the public class */
  run(
    name: string,
    given: Readonly<Record<string, RowsLike>> | Dataset,
    options: RunOptions,
  ): Promise<RunResult> {
    const one = this.#parts.functions.find((known) => known.name === name);
    if (!one) {
      const names = this.#parts.functions.map((known) => known.name).join(", ");
      const what = `there is no function ${told(name)}. Run one of ${names}.`;
      throw new HoneError("BadArgument", "run", what);
    }
    checkOptions(`run "${name}"`, options, OPTIONS, { epochs: "Give `steps`" });
    if (typeof given !== "object" || given === null) {
      const what = `"${name}" is given ${told(given)}. Give rows by input, or a data set.`;
      throw new HoneError("BadArgument", "run", what);
    }
    const turn = this.#turn.then(() =>
      isDataset(given)
        ? this.#runOnData(one, given, options)
        : this.#runOnRows(one, given, options),
    );
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Copies of all variables. */
  async variables(): Promise<
    { name: string; shape: readonly number[]; values: Float32Array; trainable: boolean }[]
  > {
    const values = await this.#inTurn(() => this.#engine.readWeights());
    return this.#parts.weights.map(({ label, shape, trainable }, index) => ({
      name: label,
      shape,
      trainable,
      values: values[index] as Float32Array,
    }));
  }

  /** Gives variables the values of others, pair by pair. @throws BadArgument, ShapeMismatch */
  assign(to: unknown, from: unknown): Promise<void> {
    const [targets, sources] = [to, from].map((given) => this.#parts.placesOf(given, "every")) as [
      readonly number[],
      readonly number[],
    ];
    const info = (place: number) => this.#parts.weights[place] as WeightInfo;
    if (targets.length !== sources.length) {
      const what = `${targets.length} variables are to take the values of ${sources.length}. Give as many of each.`;
      throw new HoneError("ShapeMismatch", "assign", what);
    }
    for (const [index, target] of targets.entries()) {
      const [a, b] = [info(target), info(sources[index] as number)];
      if (`${a.shape}` === `${b.shape}`) continue;
      const what = `"${a.label}" is [${a.shape}], "${b.label}" is [${b.shape}]. Pair variables of one shape.`;
      throw new HoneError("ShapeMismatch", "assign", what);
    }
    return this.#inTurn(async () => {
      const values = await this.#engine.readExactWeights();
      for (const [index, target] of targets.entries()) {
        values[target] = values[sources[index] as number] as TypedArray;
      }
      this.#engine.writeWeights(values);
    });
  }

  /** Sets variables. @param given values for each of `to`, in order @throws BadArgument, ShapeMismatch */
  set(to: unknown, given: readonly ArrayLike<number>[]): Promise<void> {
    const targets = this.#parts.placesOf(to, "trainable");
    if (!Array.isArray(given)) {
      const what = "the values are no list. Give one array for each variable, in a list.";
      throw new HoneError("BadArgument", "setVariables", what);
    }
    if (targets.length !== given.length) {
      const what = `${given.length} arrays were given for ${targets.length} variables. Give one for each.`;
      throw new HoneError("ShapeMismatch", "setVariables", what);
    }
    for (const [index, target] of targets.entries()) {
      const { label, shape } = this.#parts.weights[target] as WeightInfo;
      const length = (given[index] as ArrayLike<number> | undefined | null)?.length;
      if (length === sizeOf(shape)) continue;
      const what = `"${label}" is [${shape}], ${length ?? "no"} values were given. Give ${sizeOf(shape)}.`;
      throw new HoneError("ShapeMismatch", "setVariables", what);
    }
    return this.#inTurn(async () => {
      const values = await this.#engine.readExactWeights();
      for (const [index, target] of targets.entries()) {
        values[target] = Float32Array.from(given[index] as ArrayLike<number>);
      }
      this.#engine.writeWeights(values);
    });
  }

  async writeBack(): Promise<void> {
    this.#parts.writeBack(await this.#inTurn(() => this.#engine.readWeights()));
  }

  release(dataset: Dataset): void {
    if (this.#engine.forget(dataset)) return;
    const what = `data set "${dataset.name}" is in use. Wait for that to end.`;
    throw new HoneError("BadArgument", "release", what);
  }

  close(): void {
    this.#engine.close();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #runOnRows(
    one: ProgramFunction,
    given: Readonly<Record<string, RowsLike>>,
    options: RunOptions,
  ): Promise<RunResult> {
    const { rows, columns } = await this.#read(one, given, options.batch);
    const capacity = { scheduleCapacity: WINDOW, group: one.name };
    const data = specOf(one, columns);
    const entry = await this.#entry(one, rows, { data, capacity });
    for (const [name, column] of Object.entries(columns)) {
      this.#engine.executable.write(fedBuffer(name, rows, columnSpec(column)), column.data);
    }
    const steps = options.steps ?? 1;
    const progress = this.#progressOf(one);
    progress.pass = undefined;
    const stepper = this.#stepperOf(one, capacity);
    const losses: number[] = [];
    let unread = 0;
    for (let left = steps; left > 0; ) {
      this.#sendRates(one, stepper, progress, options.learningRate);
      const count = Math.min(CHUNK, left, progress.windowEnd - progress.step);
      this.#engine.run(entry, { first: progress.step, steps: count });
      progress.step += count;
      left -= count;
      unread += count;
      // The ring holds more than two chunks, so that none is lost where a window's end cuts one short.
      if (stepper && (unread >= CHUNK || left === 0)) {
        losses.push(...(await lossesIn(stepper, progress.step - unread, unread)));
        unread = 0;
      }
    }
    return this.#result(one, rows, losses);
  }

  async #runOnData(
    one: ProgramFunction,
    dataset: Dataset,
    options: RunOptions,
  ): Promise<RunResult> {
    validateDataset(dataset);
    if (one.kind === "compute") {
      const what = `"${one.name}" gives results for rows. Give it rows, not a data set.`;
      throw new HoneError("BadArgument", "run", what);
    }
    const batchSize = Math.min(options.batchSize ?? 64, dataset.rows);
    const perPass = Math.ceil(dataset.rows / batchSize);
    const columns = Object.fromEntries(
      one.template.two.inputs.map(({ name }) => [name, columnOf(dataset, name)]),
    );
    const capacity = { orderCapacity: dataset.rows, scheduleCapacity: perPass, group: one.name };
    const data = specOf(one, columns);
    const rest = dataset.rows % batchSize;
    const entries = {
      whole: await this.#entry(one, batchSize, { data, capacity, stride: batchSize }),
      rest:
        rest > 0 ? await this.#entry(one, rest, { data, capacity, stride: batchSize }) : undefined,
    };
    const stepper = this.#stepperOf(one, capacity) as TrainingStepper;
    const held = await this.#engine.hold(dataset);
    try {
      const steps = options.steps ?? perPass;
      const losses = await this.#passes(one, held, {
        dataset,
        batchSize,
        steps,
        options,
        entries,
        stepper,
      });
      return await this.#result(one, batchSize, losses);
    } finally {
      held.release();
    }
  }

  async #passes(
    one: ProgramFunction,
    held: HeldData,
    run: {
      readonly dataset: Dataset;
      readonly batchSize: number;
      readonly steps: number;
      readonly options: RunOptions;
      readonly entries: { readonly whole: Entry; readonly rest: Entry | undefined };
      readonly stepper: TrainingStepper;
    },
  ): Promise<number[]> {
    const { dataset, batchSize, steps, options, entries, stepper } = run;
    const progress = this.#progressOf(one);
    const losses: number[] = [];
    const whole = Math.floor(dataset.rows / batchSize);
    for (let left = steps; left > 0; ) {
      const goesOn =
        progress.pass?.dataset === dataset &&
        progress.pass.batchSize === batchSize &&
        progress.step < progress.pass.firstStep + progress.pass.steps;
      if (!goesOn) this.#beginPass(progress, dataset, batchSize);
      const pass = progress.pass as NonNullable<Progress["pass"]>;
      // Another kind of call in between has sent other rates: each call sends the pass's anew.
      this.#sendPass(one, stepper, progress, pass, options);
      const index = progress.step - pass.firstStep;
      const inWhole = index < whole;
      const count = inWhole ? Math.min(CHUNK, left, whole - index) : 1;
      held.run(inWhole ? entries.whole : (entries.rest as Entry), {
        first: progress.step,
        steps: count,
      });
      progress.step += count;
      left -= count;
      losses.push(...(await lossesIn(stepper, progress.step - count, count)));
    }
    return losses;
  }

  #beginPass(progress: Progress, dataset: Dataset, batchSize: number): void {
    const steps = Math.ceil(dataset.rows / batchSize);
    progress.pass = { dataset, batchSize, firstStep: progress.step, steps };
    progress.passes++;
  }

  #sendPass(
    one: ProgramFunction,
    stepper: TrainingStepper,
    progress: Progress,
    { dataset, firstStep, steps }: NonNullable<Progress["pass"]>,
    { shuffle = true, learningRate }: RunOptions,
  ): void {
    const rate = learningRate ?? one.optimizer?.learningRate ?? 0;
    const order = shuffle
      ? permutation(dataset.rows, this.#parts.seed, progress.passes)
      : Int32Array.from({ length: dataset.rows }, (_, row) => row);
    stepper.begin({ firstStep, steps, order, learningRate: () => rate });
    progress.windowEnd = 0;
  }

  /** Sends learning rates ahead, unless those sent before still hold. */
  #sendRates(
    one: ProgramFunction,
    stepper: TrainingStepper | undefined,
    progress: Progress,
    given: number | undefined,
  ): void {
    const rate = given ?? one.optimizer?.learningRate ?? 0;
    if (progress.step < progress.windowEnd && progress.learningRate === rate) return;
    progress.learningRate = rate;
    progress.windowEnd = progress.step + WINDOW;
    if (one.kind === "minimize") {
      stepper?.begin({ firstStep: progress.step, steps: WINDOW, learningRate: () => rate });
    }
  }

  #progressOf({ name }: ProgramFunction): Progress {
    const known = this.#progress.get(name);
    if (known) return known;
    const made = { step: 0, windowEnd: 0, learningRate: Number.NaN, pass: undefined, passes: 0 };
    this.#progress.set(name, made);
    return made;
  }

  #stepperOf(one: ProgramFunction, capacity: StepCapacity): TrainingStepper | undefined {
    if (one.kind === "compute") return undefined;
    const setup = { optimizer: one.optimizer, terms: FUNCTION_TERMS };
    return new TrainingStepper(() => this.#engine.executable, setup, capacity);
  }

  #entry(
    one: ProgramFunction,
    batch: number,
    given: { readonly data: DataSpec; readonly capacity: StepCapacity; readonly stride?: number },
  ): Promise<Entry> {
    const { data, capacity, stride } = given;
    const { weights } = this.#parts;
    const chosen = one.variables.map((place) => weights[place] as WeightInfo);
    const options = {
      ...capacity,
      group: one.name,
      batch,
      data,
      ...(stride !== undefined && { stride }),
      parameters: chosen.map(({ name }) => name),
      labels: chosen.map(({ label }) => label),
      optimizer: one.optimizer,
    };
    const key = JSON.stringify([one.name, options]);
    const build = () => {
      const model = atBatch(one.template, batch);
      return one.kind === "compute" ? computeStep(model, options) : lossStep(model, options);
    };
    return this.#engine.prepare(`${one.name}@${batch}`, key, build);
  }

  async #read(
    one: ProgramFunction,
    given: Readonly<Record<string, RowsLike>>,
    batch: number | undefined,
  ): Promise<{ readonly rows: number; readonly columns: Record<string, Column> }> {
    const where = `run "${one.name}"`;
    const names = one.template.two.inputs.map(({ name }) => name);
    const known = this.#parts.inputs.map(({ name }) => name);
    const unknown = Object.keys(given).find((name) => !known.includes(name));
    const missing = names.find((name) => given[name] === undefined);
    if (unknown !== undefined || missing !== undefined) {
      const found = unknown === undefined ? `lacks "${missing}"` : `names "${unknown}"`;
      const what = `what it is given ${found}; it reads ${names.join(", ") || "no input"}. Give rows for each.`;
      throw new HoneError("BadArgument", where, what);
    }
    const columns: Record<string, Column> = {};
    let rows: number | undefined;
    for (const name of names) {
      const input = this.#parts.inputs.find((one) => one.name === name) as DeclaredInput;
      const read = await readRows(given[name] as RowsLike, input, undefined, where);
      if (rows !== undefined && rows !== read.rows) {
        const what = `"${name}" has ${read.rows} rows, "${names[0]}" has ${rows}. Give all the same number.`;
        throw new HoneError("ShapeMismatch", where, what);
      }
      rows = read.rows;
      columns[name] = { data: read.data, shape: read.shape, scale: 1, offset: 0 };
    }
    const count = rows ?? batch ?? 1;
    if (count > 0) return { rows: count, columns };
    throw new HoneError("BadData", where, "there are no rows. Give at least one.");
  }

  async #result(one: ProgramFunction, rows: number, losses: readonly number[]): Promise<RunResult> {
    if (one.kind === "compute") return this.#computed(one, rows);
    const kept = Float32Array.from(losses.slice(-METRICS_RING));
    const result = { loss: losses.at(-1) as number, losses: kept };
    if (one.kind === "minimize") return result;
    const chosen = one.variables.map((place) => this.#parts.weights[place] as WeightInfo);
    const buffers = chosen.map(({ name }) => gradientBuffer(name, one.name));
    const values = await this.#engine.executable.read(buffers);
    const gradients = Object.fromEntries(
      chosen.map(({ label, shape }, index) => [label, { data: floats(values[index]), shape }]),
    );
    return { ...result, gradients };
  }

  async #computed(one: ProgramFunction, rows: number): Promise<ComputeResult> {
    const { outputs, graph } = atBatch(one.template, rows);
    const buffers = outputs.map(({ name }) => resultBuffer(one.name, name, rows));
    const values = await this.#engine.executable.read(buffers);
    const results = Object.fromEntries(
      outputs.map(({ name, tensor }, index) => [
        name,
        { data: floats(values[index]), shape: graph.tensors[tensor]?.shape ?? [] },
      ]),
    );
    const [only, ...more] = Object.values(results);
    const sole = only && more.length === 0 ? only : { data: new Float32Array(0), shape: [0] };
    return { ...sole, results };
  }
}

async function lossesIn(stepper: TrainingStepper, first: number, count: number): Promise<number[]> {
  return (await stepper.figures(first, count)).map(({ loss }) => loss);
}

function specOf(one: ProgramFunction, columns: Readonly<Record<string, Column>>): DataSpec {
  const names = one.template.two.inputs.map(({ name }) => name);
  return {
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, columnSpec(column)]),
    ),
    inputs: Object.fromEntries(names.map((name) => [name, name])),
    labels: {},
  };
}

function floats(values: TypedArray | undefined): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values ?? []);
}

const isDataset = (given: object): given is Dataset => "columns" in given && "rows" in given;
