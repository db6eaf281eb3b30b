/** Runs a data set through the model without dropout and without learning. */

import { checkAborted } from "../abort.js";
import type { TypedArray } from "../backend.js";
import { sizeOf } from "../graph/geometry.js";
import { evaluationRing, evaluationStep, evaluationWidth } from "../graph/steps.js";
import { atBatch, type PortInfo, type TracedModel } from "../graph/template.js";
import { figureColumns, figuresWidth } from "../graph/terms.js";
import type { Entry } from "../plan/program.js";
import { type Classification, classifyOutput } from "./classification.js";
import { planData } from "./data-plan.js";
import type { Dataset } from "./dataset.js";
import type { Engine } from "./engine.js";
import { fewerRows } from "./fewer-rows.js";
import { FigureSums } from "./figure-sums.js";
import type { Figures } from "./records.js";
import { hold } from "./resident-sets.js";
import { rowsAtOnce } from "./rows-at-once.js";
import type { TrainingSetup } from "./setup.js";
import { wholeNumber } from "./whole-number.js";

/** How rows are judged. */
export interface EvaluateOptions {
  /** Rows of a step; 256 unless given. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** What one output gave, and how far its classes were right. */
export interface OutputEvaluation extends Classification {
  /** [rows, ...shape], row-major. */
  readonly outputs: Float32Array;
}

/**
 * What an evaluation found. Accuracy, confusion, classes and outputs are those of the model's only output; where there
 * are several they are empty (NaN), and `byOutput` has them.
 */
export interface Evaluation extends OutputEvaluation {
  /** Weighted sum over the outputs of the mean of their losses; penalties on weights are not part of it, as in tfjs. */
  readonly loss: number;
  /** Loss and metrics in tfjs's spelling and order: `loss`, `age_loss`, `age_mae`. */
  readonly figures: Figures;
  readonly byOutput: Readonly<Record<string, OutputEvaluation>>;
}

const DEFAULT_BATCH = 256;
const RING_ELEMENTS = 2 ** 18;
const RING_LENGTH = 64;

/** The steps that one entry takes: all whole batches, or the short last one. */
interface Stretch {
  readonly entry: Entry;
  readonly ring: string;
  readonly ringLength: number;
  readonly width: number;
  readonly rows: number;
  readonly first: number;
  readonly steps: number;
}

/** The model to be judged, and how. */
export interface EvaluationParts {
  readonly engine: Engine;
  readonly model: TracedModel;
  readonly setup: Pick<TrainingSetup, "terms">;
}

/**
 * Makes the entries ready that `evaluate` runs.
 * @throws BadData, ShapeMismatch when data and model do not go together
 */
export async function prepareEvaluation(parts: EvaluationParts, dataset: Dataset): Promise<void> {
  for (const { entry } of await fittingStretches(parts, dataset, DEFAULT_BATCH)) {
    parts.engine.letGo(entry);
  }
}

/** Those of the wanted batch size, or of a smaller one where that does not fit. */
async function fittingStretches(
  parts: EvaluationParts,
  dataset: Dataset,
  wantedBatchSize: number,
): Promise<readonly Stretch[]> {
  let batchSize = rowsAtOnce(parts.model, Math.min(wantedBatchSize, dataset.rows));
  for (;;) {
    try {
      return await stretchesOf(parts, dataset, batchSize);
    } catch (error) {
      batchSize = fewerRows(parts.model, error, batchSize);
    }
  }
}

/** Entries that are held, and what each of them does. */
async function stretchesOf(
  { engine, model, setup: { terms } }: EvaluationParts,
  dataset: Dataset,
  batchSize: number,
): Promise<readonly Stretch[]> {
  const data = planData(model, terms, dataset);
  const whole = Math.floor(dataset.rows / batchSize);
  const stretches: Stretch[] = [];
  for (const [rows, first, steps] of [
    [batchSize, 0, whole],
    [dataset.rows % batchSize, whole, 1],
  ] as const) {
    if (rows === 0) continue;
    const graph = atBatch(model.inference, rows);
    const width = evaluationWidth(graph, terms);
    const ringLength = Math.max(1, Math.min(RING_LENGTH, Math.floor(RING_ELEMENTS / width)));
    const options = { terms, data, stride: batchSize, ringLength };
    const key = JSON.stringify(["evaluate", rows, options, model.inputs]);
    const build = () => evaluationStep(graph, options);
    const entry = await engine.prepare(`evaluate@${rows}`, key, build).catch((error: unknown) => {
      for (const stretch of stretches) engine.letGo(stretch.entry);
      throw error;
    });
    const ring = evaluationRing(ringLength, width);
    stretches.push({ entry, ring, ringLength, width, rows, first, steps });
  }
  return stretches;
}

/** @throws ShapeMismatch when data and model do not go together; BadArgument; BadData; Aborted */
export async function evaluate(
  parts: EvaluationParts,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { engine, model, setup } = parts;
  const batchSize = wholeNumber("batchSize", options.batchSize ?? DEFAULT_BATCH);
  const stretches = await fittingStretches(parts, dataset, batchSize);
  const columns = figureColumns(setup.terms);
  const sums = new FigureSums(columns);
  const outputs = new OutputRows(model.outputs, dataset.rows);
  const { signal } = options;
  const entries = stretches.map(({ entry }) => entry);
  const data = await hold(engine, dataset, { entries, signal });
  try {
    for (const { entry, ring, ringLength, width, rows, first, steps } of stretches) {
      for (let done = 0; done < steps; ) {
        checkAborted(signal);
        const count = Math.min(ringLength, steps - done);
        data.run(entry, { first: first + done, steps: count });
        const [values] = (await engine.executable.read([ring])) as [TypedArray];
        for (let index = 0; index < count; index++) {
          const start = ((first + done + index) % ringLength) * width;
          const step = values.subarray(start, start + width);
          sums.add(step, rows);
          outputs.add(step.subarray(figuresWidth(columns)), rows);
        }
        done += count;
      }
    }
  } finally {
    data.release();
  }
  return evaluationOf(parts, dataset, sums.result(), outputs);
}

function evaluationOf(
  { model, setup: { terms } }: EvaluationParts,
  dataset: Dataset,
  figures: Figures,
  outputs: OutputRows,
): Evaluation {
  const { labels } = planData(model, terms, dataset);
  const byOutput = Object.fromEntries(
    model.outputs.map((port) => {
      const values = outputs.of(port.name);
      const term = terms.find(({ output }) => output === port.name);
      const column =
        labels[port.name] === undefined ? undefined : dataset.columns[labels[port.name] as string];
      return [port.name, { ...classifyOutput(term, port, values, column), outputs: values }];
    }),
  );
  const [only, ...more] = Object.values(byOutput);
  const sole =
    only && more.length === 0
      ? only
      : {
          accuracy: Number.NaN,
          confusion: [],
          perClass: [],
          predicted: new Int32Array(0),
          outputs: new Float32Array(0),
        };
  return { loss: figures.loss as number, figures, ...sole, byOutput };
}

/** Collects the outputs of one batch after another. */
class OutputRows {
  readonly #ports: readonly PortInfo[];
  readonly #values: ReadonlyMap<string, Float32Array>;
  #rows = 0;

  constructor(ports: readonly PortInfo[], rows: number) {
    this.#ports = ports;
    this.#values = new Map(
      ports.map(({ name, shape }) => [name, new Float32Array(rows * sizeOf(shape))]),
    );
  }

  /** @param values of all outputs, one after another, of `rows` rows each */
  add(values: TypedArray, rows: number): void {
    let at = 0;
    for (const { name, shape } of this.#ports) {
      const size = sizeOf(shape);
      this.of(name).set(values.subarray(at, at + rows * size), this.#rows * size);
      at += rows * size;
    }
    this.#rows += rows;
  }

  of(name: string): Float32Array {
    return this.#values.get(name) as Float32Array;
  }
}
