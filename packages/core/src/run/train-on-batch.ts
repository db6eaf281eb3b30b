/** Single steps on rows that the caller holds: no data set, no epochs. */
import { HoneError } from "../errors.js";
import { type DataSpec, fedBuffer } from "../graph/feeds.js";
import { type StepCapacity, stepBuffers } from "../graph/steps.js";
import type { TracedModel } from "../graph/template.js";
import { figureColumns } from "../graph/terms.js";
import type { Entry } from "../plan/program.js";
import type { BatchRows } from "./batch-rows.js";
import { checkTerms, columnSpec, judgedOutputs } from "./data-plan.js";
import type { Column, Dataset } from "./dataset.js";
import type { Engine } from "./engine.js";
import { FigureSums } from "./figure-sums.js";
import type { TrainOptions } from "./fit-options.js";
import { prepareStep, stepKey } from "./fitting-steps.js";
import type { Home } from "./home.js";
import type { Figures } from "./records.js";
import type { TrainingSetup } from "./setup.js";
import { labelsFor } from "./step-entries.js";
import { classWeightsOf } from "./train.js";
import type { TrainingState } from "./train-pass.js";
import { TrainingStepper } from "./training-stepper.js";

/** What one step found, before it moved the weights. */
export interface BatchFigures {
  readonly loss: number;
  /** `acc` of the only output; NaN where there is none. */
  readonly accuracy: number;
  /** Loss and metrics in tfjs's spelling. */
  readonly figures: Figures;
  /** Steps taken by the session, this one included. */
  readonly step: number;
}

/** Steps whose learning rates are sent at once. */
const WINDOW = 512;
const CAPACITY: StepCapacity = { scheduleCapacity: WINDOW, ringLength: 1 };

export interface BatchStepOptions {
  readonly classWeight?: TrainOptions["classWeight"];
  readonly learningRate?: number | undefined;
  readonly accumulate?: TrainOptions["accumulate"];
}

interface Window {
  readonly engine: Engine;
  readonly first: number;
  readonly learningRate: number;
  /** Which making of the schedule's buffer it was written to. */
  readonly birth: number;
  /** Which of the trainings of the session came before. */
  readonly era: number;
}

export class BatchSteps {
  readonly #home: Home;
  readonly #setup: TrainingSetup;
  readonly #state: TrainingState;
  #window: Window | undefined;

  constructor(home: Home, setup: TrainingSetup, state: TrainingState) {
    this.#home = home;
    this.#setup = setup;
    this.#state = state;
  }

  /** Takes one step. @throws BadArgument, BadData, ShapeMismatch, DeviceLost */
  async step(
    model: TracedModel,
    batch: BatchRows,
    { classWeight, learningRate, accumulate }: BatchStepOptions,
  ): Promise<BatchFigures> {
    const { rows } = batch;
    const { terms, optimizer } = this.#setup;
    const dataset = asDataset(batch);
    const data = specOf(model, this.#setup, dataset, batch);
    checkTerms(model, terms, dataset, data.labels);
    const classWeights = await classWeightsOf({ classWeight }, terms, data, dataset);
    const options = {
      optimizer,
      terms,
      data,
      ...CAPACITY,
      ...(classWeights && { classWeights }),
      ...labelsFor(optimizer, model),
    };
    const key = JSON.stringify(["step", rows, data, classWeights, model.inputs]);
    const wanted = { title: `step@${rows}`, key, model, options, rows, accumulate };
    let engine = await this.#home.forStep(rows);
    let entry = engine.prepared(stepKey(wanted)) ?? (await prepareStep(engine, wanted));
    // While the entry was made, an evaluation may have asked for the weights elsewhere.
    while (!this.#home.restsAt(engine)) {
      engine.letGo(entry);
      engine = await this.#home.forStep(rows);
      entry = engine.prepared(stepKey(wanted)) ?? (await prepareStep(engine, wanted));
    }

    const stepper = new TrainingStepper(() => engine.executable, this.#setup, CAPACITY);
    this.#begin(engine, stepper, learningRate ?? optimizer.learningRate);
    writeRows(engine, entry, dataset, rows);
    const { step } = this.#state;
    engine.run(entry, { first: step, steps: 1 });
    this.#state.step = step + 1;
    const figuresTold = stepper.figures(step, 1);
    engine.letGo(entry);
    const [told] = await figuresTold;
    const sums = new FigureSums(figureColumns(terms));
    sums.add(told?.figures ?? [], rows);
    const figures = sums.result();
    return {
      loss: figures.loss as number,
      accuracy: figures.acc ?? Number.NaN,
      figures,
      step: step + 1,
    };
  }

  /** Sends learning rates ahead, unless those sent before still hold. */
  #begin(engine: Engine, stepper: TrainingStepper, learningRate: number): void {
    const { step, epochs: era } = this.#state;
    const known = this.#window;
    const birth = engine.birthOf(stepBuffers(CAPACITY).schedule);
    const holds =
      known?.engine === engine &&
      known.birth === birth &&
      known.era === era &&
      known.learningRate === learningRate &&
      step >= known.first &&
      step < known.first + WINDOW;
    if (holds) return;
    stepper.begin({ firstStep: step, steps: WINDOW, learningRate: () => learningRate });
    this.#window = { engine, first: step, learningRate, birth, era };
  }
}

/** Rows in arrays of their own. */
export function copied({ rows, inputs, labels, sampleWeights }: BatchRows): BatchRows {
  const copy = <One extends { readonly data: { slice(): unknown } }>(
    ports: ReadonlyMap<string, One>,
  ): ReadonlyMap<string, One> =>
    new Map([...ports].map(([name, one]) => [name, { ...one, data: one.data.slice() }]));
  return {
    rows,
    inputs: copy(inputs),
    labels: copy(labels),
    sampleWeights: new Map([...sampleWeights].map(([name, data]) => [name, data.slice()])),
  };
}

/** Bytes of all its rows. */
export function bytesOf(batch: BatchRows): number {
  const columns = Object.values(asDataset(batch).columns);
  return columns.reduce((sum, { data }) => sum + data.byteLength, 0);
}

const inputColumn = (name: string) => `x.${name}`;
const labelColumn = (name: string) => `y.${name}`;
const weightColumn = (name: string) => `weight.${name}`;

function asDataset({ rows, inputs, labels, sampleWeights }: BatchRows): Dataset {
  const columns: Record<string, Column> = {};
  const plain = { scale: 1, offset: 0 };
  for (const [name, { data, shape }] of inputs)
    columns[inputColumn(name)] = { ...plain, data, shape };
  for (const [name, column] of labels) columns[labelColumn(name)] = column;
  for (const [name, data] of sampleWeights) {
    columns[weightColumn(name)] = { ...plain, data, shape: [] };
  }
  return { name: "batch", rows, columns };
}

function specOf(
  model: TracedModel,
  { terms }: TrainingSetup,
  dataset: Dataset,
  { inputs, labels, sampleWeights }: BatchRows,
): DataSpec {
  const missing = judgedOutputs(model, terms).find(({ name }) => !labels.has(name));
  if (missing) {
    const what = `there are no labels for output "${missing.name}". Give y a value for it.`;
    throw new HoneError("BadData", "trainOnBatch", what);
  }
  const named = (names: Iterable<string>, column: (name: string) => string) =>
    Object.fromEntries([...names].map((name) => [name, column(name)]));
  const weights = named(sampleWeights.keys(), weightColumn);
  return {
    columns: Object.fromEntries(
      Object.entries(dataset.columns).map(([name, column]) => [name, columnSpec(column)]),
    ),
    inputs: named(inputs.keys(), inputColumn),
    labels: named(labels.keys(), labelColumn),
    ...(sampleWeights.size > 0 && { sampleWeights: weights }),
  };
}

function writeRows(engine: Engine, { buffers }: Entry, { columns }: Dataset, rows: number): void {
  for (const [name, column] of Object.entries(columns)) {
    const buffer = fedBuffer(name, rows, columnSpec(column));
    // A column that the loss turned out not to read has no place in the step.
    if (buffers[buffer]) engine.executable.write(buffer, column.data);
  }
}
