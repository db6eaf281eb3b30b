/**
 * What a model's frozen front gives for the rows of a data set: computed once, and trained on in the place of the rows.
 * Loaded by the first training of a model that has weights which stand still.
 */

import { type Fronted, frozenFront } from "../graph/frozen-front.js";
import { sizeOf } from "../graph/geometry.js";
import type { TracedModel } from "../graph/template.js";
import { contentInTurns, standIn } from "./content.js";
import { planData, planInputs } from "./data-plan.js";
import { type Column, type Dataset, inputNames } from "./dataset.js";
import type { Engine } from "./engine.js";
import { evaluate } from "./evaluate.js";
import type { TrainOptions } from "./fit-options.js";
import type { EpochEnd } from "./records.js";
import type { TrainingParts } from "./train-pass.js";

type FrontTold = NonNullable<EpochEnd["frozenFront"]>;

export interface FrontedTraining {
  readonly data: Dataset;
  readonly options: TrainOptions;
  readonly told: FrontTold;
}

interface Known {
  readonly content: number;
  readonly weights: number;
  readonly features: Dataset;
}

/** On the host, of one data set. */
const MOST_BYTES = 2 ** 29;
/** Of a device's memory, where that is known. */
const MOST_SHARE = 1 / 4;

/** Data sets of features, by the memory that their columns lie in: parts of a data set are views of it. */
const MODELS = new WeakMap<ArrayBufferLike, TracedModel>();

/** The model that takes the rows of this data set, where they are features; undefined for any other. */
export function modelOfFeatures({ columns }: Dataset): TracedModel | undefined {
  for (const { data } of Object.values(columns)) {
    const model = MODELS.get(data.buffer);
    if (model) return model;
  }
  return undefined;
}

export class FrozenFronts {
  readonly #fronts = new WeakMap<TracedModel, { readonly found: Fronted | undefined }>();
  readonly #known = new WeakMap<Dataset, Known>();

  /**
   * What a training takes in the place of its data, where the model has a front and the device room for its results.
   * @throws as `evaluate`
   */
  async take(
    { engine, model, setup }: TrainingParts,
    data: Dataset,
    options: TrainOptions,
  ): Promise<FrontedTraining | undefined> {
    const { validation } = options;
    const held = typeof validation === "object" ? validation : undefined;
    const fronted = this.of(model, engine, data.rows + (held?.rows ?? 0));
    if (!fronted) return undefined;
    // What is wrong with the data is told before anything is computed.
    for (const set of held ? [data, held] : [data]) planData(model, setup.terms, set);
    const begunMs = performance.now();
    const of = (set: Dataset) => this.features(engine, fronted, set, options.signal);
    const features = await of(data);
    const judged = held && (await of(held));
    const told = {
      layers: fronted.layers,
      bytes: bytesOfFront(fronted, data.rows + (held?.rows ?? 0)),
      seconds: (performance.now() - begunMs) / 1000,
    };
    return { data: features, options: { ...options, ...(judged && { validation: judged }) }, told };
  }

  /** The model in two parts, where it has a front whose features the device has room for. */
  of(traced: TracedModel, engine: Engine, rows: number): Fronted | undefined {
    const known = this.#fronts.get(traced) ?? { found: frozenFront(traced) };
    this.#fronts.set(traced, known);
    const { found } = known;
    return found && fits(found, engine, rows) ? found : undefined;
  }

  /** The data set with the front's results in the place of its inputs. @throws as `evaluate` */
  async features(
    engine: Engine,
    { front, rest }: Fronted,
    dataset: Dataset,
    signal: AbortSignal | undefined,
  ): Promise<Dataset> {
    const content = await contentInTurns(dataset);
    const weights = await stillWeights(engine, front);
    const known = this.#known.get(dataset);
    if (known?.content === content && known.weights === weights) return known.features;
    const { inputs } = planInputs(front, dataset);
    const names = inputNames(dataset);
    const taken = names.map((name) => [name, dataset.columns[name] as Column] as const);
    const rows: Dataset = {
      name: dataset.name,
      rows: dataset.rows,
      columns: Object.fromEntries(taken),
      labels: [],
    };
    const { byOutput } = await evaluate(
      { engine, model: front, setup: { terms: [] } },
      rows,
      signal ? { signal } : {},
    );
    engine.forget(rows);
    const made = front.outputs.map(({ name, shape, dtype }) => {
      const values = (byOutput[name] as { readonly outputs: Float32Array }).outputs;
      const data = dtype === "int32" ? Int32Array.from(values) : values;
      MODELS.set(data.buffer, rest);
      standIn(data.buffer, { dataset, rowBytes: 4 * sizeOf(shape) });
      return [name, { data, shape, scale: 1, offset: 0 }] as const;
    });
    const kept = rest.inputs.flatMap(({ name }) => {
      const column = inputs[name];
      return column === undefined ? [] : [[name, dataset.columns[column] as Column] as const];
    });
    const others = Object.entries(dataset.columns).filter(([name]) => !names.includes(name));
    const features: Dataset = {
      ...dataset,
      columns: Object.fromEntries([...made, ...kept, ...others]),
    };
    this.#known.set(dataset, { content, weights, features });
    return features;
  }
}

export function bytesOfFront({ front }: Fronted, rows: number): number {
  return front.outputs.reduce((sum, { shape }) => sum + 4 * rows * sizeOf(shape), 0);
}

function fits(fronted: Fronted, { device: { target } }: Engine, rows: number): boolean {
  const bytes = bytesOfFront(fronted, rows);
  const memory =
    (target as { readonly memoryBytes?: number }).memoryBytes ?? Number.POSITIVE_INFINITY;
  return bytes <= Math.min(MOST_BYTES, target.maxBlockBytes, memory * MOST_SHARE);
}

/** A number that changes with the weights of the front. */
async function stillWeights(engine: Engine, { weights }: TracedModel): Promise<number> {
  const values = await engine.readWeights();
  const still = weights.flatMap(({ name, trainable, shape }, at) =>
    trainable
      ? []
      : [[name, { data: values[at] as Float32Array, shape, scale: 1, offset: 0 }] as const],
  );
  return contentInTurns({ name: "weights", rows: 1, columns: Object.fromEntries(still) });
}
