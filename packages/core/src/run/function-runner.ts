/** Runs one function of a program: its steps, how far it has come, and what a run gives. */
import type { TypedArray } from "../backend.js";
import { HoneError } from "../errors.js";
import { gradientBuffer } from "../graph/backward.js";
import { type DataSpec, fedBuffer } from "../graph/feeds.js";
import { computeStep, FUNCTION_TERMS, lossStep, resultBuffer } from "../graph/program-steps.js";
import { METRICS_RING, type StepCapacity, stepBuffers } from "../graph/steps.js";
import { atBatch, type WeightInfo } from "../graph/template.js";
import type { Entry } from "../plan/program.js";
import { permutation } from "../random.js";
import { contentOf } from "./content.js";
import { columnSpec } from "./data-plan.js";
import { type Column, columnOf, type Dataset, validateDataset } from "./dataset.js";
import type { Engine } from "./engine.js";
import type {
  ComputeResult,
  ProgramFunction,
  ProgramParts,
  RunOptions,
  RunResult,
} from "./program-run.js";
import { type HeldData, hold } from "./resident-sets.js";
import { type DeclaredInput, type RowsLike, readRows } from "./rows.js";
import { StepRuns } from "./step-runs.js";
import { TrainingStepper } from "./training-stepper.js";

/** Steps whose learning rates are sent at once where rows come from the host. */
const WINDOW = 512;

/** Rows that a caller holds, read. */
export interface FunctionRows {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** How far a function has come. */
export interface FunctionMark {
  readonly step: number;
  readonly passes: number;
  readonly pass: Pass | undefined;
}

/** A pass over a data set: its first step, and the steps it has. */
interface Pass {
  /** The data set, or what a checkpoint knows it by. */
  readonly on: Dataset | { readonly rows: number; readonly content: number };
  readonly batchSize: number;
  readonly firstStep: number;
  readonly steps: number;
}

export class FunctionRunner {
  readonly #function: ProgramFunction;
  readonly #parts: ProgramParts;
  /** Where the program is in the run under way. */
  #engine: Engine;
  #step = 0;
  /** Up to which step rates and order were sent, and under which rate. */
  #windowEnd = 0;
  #learningRate = Number.NaN;
  /** Which making of the schedule's buffer they were written to. */
  #birth = 0;
  /** The pass it is in, and the passes begun. */
  #pass: Pass | undefined;
  #passes = 0;
  /** Entries of the run under way. */
  readonly #held: Entry[] = [];

  constructor(one: ProgramFunction, parts: ProgramParts, engine: Engine) {
    this.#function = one;
    this.#parts = parts;
    this.#engine = engine;
  }

  /** How far it has come. */
  get mark(): FunctionMark {
    return { step: this.#step, passes: this.#passes, pass: this.#pass };
  }

  /** Goes back to where it was. */
  returnTo({ step, passes, pass }: FunctionMark): void {
    this.#step = step;
    this.#passes = passes;
    this.#pass = pass;
    this.#windowEnd = 0;
  }

  /** A run begins where the program is now. */
  beginAt(engine: Engine): void {
    if (this.#engine !== engine) this.#windowEnd = 0;
    this.#engine = engine;
  }

  /** Steps on rows of the host, the same for each step. @throws LacksOp, OutOfMemory, DeviceLost */
  async onRows({ rows, columns }: FunctionRows, options: RunOptions): Promise<RunResult> {
    const capacity = { scheduleCapacity: WINDOW, group: this.#function.name };
    const entry = await this.#entry(rows, { data: this.#specOf(columns), capacity });
    for (const [name, column] of Object.entries(columns)) {
      this.#engine.executable.write(fedBuffer(name, rows, columnSpec(column)), column.data);
    }
    const steps = options.steps ?? 1;
    this.#pass = undefined;
    const stepper = this.#stepperOf(capacity);
    const losses: number[] = [];
    const runs = new StepRuns(this.#function.name, options.signal);
    for (let left = steps; left > 0; ) {
      const most = runs.next();
      this.#sendRates(stepper, options.learningRate);
      const count = Math.min(most, left, this.#windowEnd - this.#step);
      this.#engine.run(entry, { first: this.#step, steps: count });
      this.#step += count;
      left -= count;
      if (stepper) losses.push(...(await lossesIn(stepper, this.#step - count, count)));
      else if (options.signal) await this.#engine.executable.sync();
      runs.took(count);
    }
    return this.#result(rows, losses);
  }

  /** Says that the run is over: its entries may make room for others. */
  letGo(): void {
    for (const entry of this.#held.splice(0)) this.#engine.letGo(entry);
  }

  /** Steps over a data set; a run goes on where the last one left the pass. @throws BadArgument, BadData */
  async onData(dataset: Dataset, options: RunOptions): Promise<RunResult> {
    const { name, kind, template } = this.#function;
    validateDataset(dataset);
    if (kind === "compute") {
      const what = `"${name}" gives results for rows. Give it rows, not a data set.`;
      throw new HoneError("BadArgument", "run", what);
    }
    const batchSize = Math.min(options.batchSize ?? 64, dataset.rows);
    const perPass = Math.ceil(dataset.rows / batchSize);
    const columns = Object.fromEntries(
      template.two.inputs.map((input) => [input.name, columnOf(dataset, input.name)]),
    );
    const capacity = { orderCapacity: dataset.rows, scheduleCapacity: perPass, group: name };
    const given = { data: this.#specOf(columns), capacity, stride: batchSize };
    const rest = dataset.rows % batchSize;
    const entries = {
      whole: await this.#entry(batchSize, given),
      rest: rest > 0 ? await this.#entry(rest, given) : undefined,
    };
    const stepper = this.#stepperOf(capacity) as TrainingStepper;
    const held = await hold(this.#engine, dataset, { signal: options.signal });
    try {
      const steps = options.steps ?? perPass;
      const losses = await this.#passOver(held, {
        dataset,
        batchSize,
        steps,
        options,
        entries,
        stepper,
      });
      return await this.#result(batchSize, losses);
    } finally {
      held.release();
    }
  }

  async #passOver(
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
    const losses: number[] = [];
    const whole = Math.floor(dataset.rows / batchSize);
    const runs = new StepRuns(this.#function.name, options.signal);
    for (let left = steps; left > 0; ) {
      const most = runs.next();
      const pass = this.#passOf(dataset, batchSize);
      // Another kind of call in between has sent other rates: each call sends the pass's anew.
      this.#sendPass(stepper, dataset, pass, options);
      const index = this.#step - pass.firstStep;
      const inWhole = index < whole;
      const count = inWhole ? Math.min(most, left, whole - index) : 1;
      const entry = inWhole ? entries.whole : (entries.rest as Entry);
      held.run(entry, { first: this.#step, steps: count });
      this.#step += count;
      left -= count;
      losses.push(...(await lossesIn(stepper, this.#step - count, count)));
      runs.took(count);
    }
    return losses;
  }

  /** The pass under way, or a new one where it is over or was of other data. */
  #passOf(dataset: Dataset, batchSize: number): Pass {
    const known = this.#pass;
    if (
      known?.batchSize === batchSize &&
      this.#step < known.firstStep + known.steps &&
      isOf(known, dataset)
    ) {
      // It may be known from a checkpoint, by its content alone.
      this.#pass = { ...known, on: dataset };
      return this.#pass;
    }
    const steps = Math.ceil(dataset.rows / batchSize);
    const pass = { on: dataset, batchSize, firstStep: this.#step, steps };
    this.#pass = pass;
    this.#passes++;
    return pass;
  }

  #sendPass(
    stepper: TrainingStepper,
    dataset: Dataset,
    { firstStep, steps }: Pass,
    { shuffle = true, learningRate }: RunOptions,
  ): void {
    const rate = this.#rate(learningRate);
    const order = shuffle
      ? permutation(dataset.rows, this.#parts.seed, this.#passes)
      : Int32Array.from({ length: dataset.rows }, (_, row) => row);
    stepper.begin({ firstStep, steps, order, learningRate: () => rate });
    this.#windowEnd = 0;
  }

  /** Sends learning rates ahead, unless those sent before still hold. */
  #sendRates(stepper: TrainingStepper | undefined, given: number | undefined): void {
    const rate = this.#rate(given);
    const capacity = { scheduleCapacity: WINDOW, group: this.#function.name };
    const birth = this.#engine.birthOf(stepBuffers(capacity).schedule);
    const isSent = this.#learningRate === rate && this.#birth === birth;
    if (this.#step < this.#windowEnd && isSent) return;
    this.#learningRate = rate;
    this.#birth = birth;
    this.#windowEnd = this.#step + WINDOW;
    if (this.#function.kind === "minimize") {
      stepper?.begin({ firstStep: this.#step, steps: WINDOW, learningRate: () => rate });
    }
  }

  #rate(given: number | undefined): number {
    return given ?? this.#function.optimizer?.learningRate ?? 0;
  }

  #stepperOf(capacity: StepCapacity): TrainingStepper | undefined {
    if (this.#function.kind === "compute") return undefined;
    const setup = { optimizer: this.#function.optimizer, terms: FUNCTION_TERMS };
    return new TrainingStepper(() => this.#engine.executable, setup, capacity);
  }

  #weights(): readonly WeightInfo[] {
    const { weights } = this.#parts;
    return this.#function.variables.map((place) => weights[place] as WeightInfo);
  }

  async #entry(
    batch: number,
    given: { readonly data: DataSpec; readonly capacity: StepCapacity; readonly stride?: number },
  ): Promise<Entry> {
    const { name, kind, template, optimizer } = this.#function;
    const { data, capacity, stride } = given;
    const chosen = this.#weights();
    const options = {
      ...capacity,
      group: name,
      batch,
      data,
      ...(stride !== undefined && { stride }),
      parameters: chosen.map((weight) => weight.name),
      labels: chosen.map(({ label }) => label),
      optimizer,
    };
    const key = JSON.stringify([name, options]);
    const build = () => {
      const model = atBatch(template, batch);
      return kind === "compute" ? computeStep(model, options) : lossStep(model, options);
    };
    const entry = await this.#engine.prepare(`${name}@${batch}`, key, build);
    this.#held.push(entry);
    return entry;
  }

  /** Rows as the function's inputs take them. @throws BadArgument, BadData, ShapeMismatch */
  async read(
    given: Readonly<Record<string, RowsLike>>,
    batch: number | undefined,
  ): Promise<FunctionRows> {
    const where = `run "${this.#function.name}"`;
    const names = this.#function.template.two.inputs.map(({ name }) => name);
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

  #specOf(columns: Readonly<Record<string, Column>>): DataSpec {
    const names = this.#function.template.two.inputs.map(({ name }) => name);
    return {
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, columnSpec(column)]),
      ),
      inputs: Object.fromEntries(names.map((name) => [name, name])),
      labels: {},
    };
  }

  async #result(rows: number, losses: readonly number[]): Promise<RunResult> {
    const { name, kind } = this.#function;
    if (kind === "compute") return this.#computed(rows);
    const kept = Float32Array.from(losses.slice(-METRICS_RING));
    const result = { loss: losses.at(-1) as number, losses: kept };
    if (kind === "minimize") return result;
    const chosen = this.#weights();
    const buffers = chosen.map((weight) => gradientBuffer(weight.name, name));
    const values = await this.#engine.executable.read(buffers);
    const gradients = Object.fromEntries(
      chosen.map(({ label, shape }, index) => [label, { data: floats(values[index]), shape }]),
    );
    return { ...result, gradients };
  }

  async #computed(rows: number): Promise<ComputeResult> {
    const { name, template } = this.#function;
    const { outputs, graph } = atBatch(template, rows);
    const buffers = outputs.map((output) => resultBuffer(name, output.name, rows));
    const values = await this.#engine.executable.read(buffers);
    const results = Object.fromEntries(
      outputs.map((output, index) => [
        output.name,
        { data: floats(values[index]), shape: graph.tensors[output.tensor]?.shape ?? [] },
      ]),
    );
    const [only, ...more] = Object.values(results);
    const sole = only && more.length === 0 ? only : { data: new Float32Array(0), shape: [0] };
    return { ...sole, results };
  }
}

function isOf({ on }: Pass, dataset: Dataset): boolean {
  if ("columns" in on) return on === dataset;
  return on.rows === dataset.rows && on.content === contentOf(dataset);
}

async function lossesIn(stepper: TrainingStepper, first: number, count: number): Promise<number[]> {
  return (await stepper.figures(first, count)).map(({ loss }) => loss);
}

function floats(values: TypedArray | undefined): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values ?? []);
}
