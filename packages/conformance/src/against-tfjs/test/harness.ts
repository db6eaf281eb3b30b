/** One training twice, by Hone's public functions and by stock tfjs's, from the same weights and batches. */
import "@tensorflow/tfjs-backend-cpu";
import { compile, type Dataset, type Device, type Session, type TrainOptions } from "@hone/core";
import { type CaptureOptions, type Shape, sizeOf } from "@hone/core/internals";
import * as tf from "@tensorflow/tfjs-core";
import type {
  LayersModel,
  ModelCompileArgs,
  ModelFitArgs,
  SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import { largest, largestDifference } from "../../compare.js";

/** Values of every row, and the shape of one. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}
export type ValuesByPort = Readonly<Record<string, Values>>;

export interface Rivalry {
  /** Both begin with its weights; tfjs trains it in place. */
  readonly model: LayersModel;
  readonly rows: number;
  /** By the name of the input. */
  readonly x: ValuesByPort;
  /** By the name of the output. */
  readonly y: ValuesByPort;
  /** What tfjs is told. */
  readonly tfjs: ModelCompileArgs;
  /** What Hone is told; it reads all else from the model that tfjs has compiled. */
  readonly hone?: CaptureOptions;
  /**
   * Measures weights by the root of the mean square of their differences. Adam and its like divide a gradient by its
   * own size: where that is near what float32 rounds away, single elements move by rounding alone.
   */
  readonly byMean?: boolean;
  /** Figures that the two mean otherwise. */
  readonly leftOut?: RegExp;
}

/** Of a tensor's largest value, and of a series' largest one. */
export const LIMIT = 1e-4;
const BATCH = 8;

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += ((a[at] as number) - (b[at] as number)) ** 2;
  return Math.sqrt(sum / a.length);
}

/** Where the two are apart by more than the limit, or either is not a number; for people. */
export function fault(
  what: string,
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  byMean = false,
): readonly string[] {
  const size = Math.max(largest(wanted), Number.MIN_VALUE);
  const error = (byMean ? meanDifference : largestDifference)(found, wanted) / size;
  if (found.length === wanted.length && error <= LIMIT) return [];
  const numbers = (values: ArrayLike<number>) => Array.from(values).slice(0, 6).join(", ");
  return [`${what}: ${error.toPrecision(3)} apart, [${numbers(found)}] for [${numbers(wanted)}]`];
}

function rowsOf({ shape, data }: Values, start: number, count: number): Values {
  const length = sizeOf(shape);
  return { shape, data: data.subarray(start * length, (start + count) * length) };
}

/** tfjs knows class indices as a column of floats. */
function tensorOf({ shape, data }: Values, output?: Shape): tf.Tensor {
  const row = output !== undefined && shape.length < output.length ? [...shape, 1] : shape;
  return tf.tensor(Float32Array.from(data), [data.length / sizeOf(shape), ...row]);
}

interface Tensors {
  readonly x: tf.Tensor[];
  readonly y: tf.Tensor[];
}

/** The names of a model's inputs and outputs, in its order; a Sequential itself knows none. */
export function portNames({
  inputs,
  outputs,
}: LayersModel): Record<"inputs" | "outputs", string[]> {
  const names = (tensors: readonly SymbolicTensor[]) =>
    tensors.map(({ sourceLayer }) => sourceLayer.name);
  return { inputs: names(inputs), outputs: names(outputs) };
}

/** In the model's order. */
function tensorsOf({ model, x, y }: Rivalry, start: number, count: number): Tensors {
  const part = (values: Values | undefined) => rowsOf(values as Values, start, count);
  const { inputs, outputs } = portNames(model);
  return {
    x: inputs.map((name) => tensorOf(part(x[name]))),
    y: outputs.map((name, at) =>
      tensorOf(part(y[name]), (model.outputs[at] as SymbolicTensor).shape.slice(1) as number[]),
    ),
  };
}

/** The weights as they are, by their names in the model's order. */
const weightsOf = (model: LayersModel) =>
  model.weights.map((weight) => ({ name: weight.originalName, values: weight.read().dataSync() }));

interface Trained {
  /** What each step or each epoch told, by name. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
  readonly weights: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
}

function faultsOf(
  found: Trained,
  wanted: Trained,
  { byMean, leftOut }: Pick<Rivalry, "byMean" | "leftOut">,
): string[] {
  const namesOf = ({ figures }: Trained) =>
    Object.keys(figures)
      .filter((name) => !leftOut?.test(name))
      .sort();
  const [names, told] = [namesOf(wanted), namesOf(found)];
  const faults = `${told}` === `${names}` ? [] : [`told ${told} instead of ${names}`];
  for (const name of names) {
    faults.push(...fault(name, found.figures[name] ?? [], wanted.figures[name] ?? []));
  }
  for (const [at, { name, values }] of wanted.weights.entries()) {
    faults.push(...fault(name, found.weights[at]?.values ?? [], values, byMean));
  }
  return faults;
}

/** Runs Hone on each device, then tfjs; the model must be compiled first, since Hone reads what is said there. */
async function compared(
  devices: readonly Device[],
  rivalry: Rivalry,
  train: (session: Session<LayersModel>) => Promise<Trained["figures"]>,
  trainTfjs: () => Promise<Trained["figures"]>,
): Promise<string[]> {
  const { model, tfjs, hone = {} } = rivalry;
  model.compile(tfjs);
  const found: { readonly on: string; readonly trained: Trained }[] = [];
  for (const device of devices) {
    const session = await compile(model, { device, ...hone });
    const figures = await train(session);
    found.push({ on: device.info.backend, trained: { figures, weights: await session.weights() } });
    session.close();
  }
  const wanted = { figures: await trainTfjs(), weights: weightsOf(model) };
  const every = [...Object.values(wanted.figures), ...wanted.weights.map(({ values }) => values)];
  if (!every.every((values) => Array.from(values).every(Number.isFinite))) {
    return ["what tfjs computes is not finite: choose other data"];
  }
  return found.flatMap(({ on, trained }) =>
    faultsOf(trained, wanted, rivalry).map((text) => `${on}: ${text}`),
  );
}

/** What step after step told, as series by name. */
function seriesOf(steps: readonly Readonly<Record<string, number>>[]): Trained["figures"] {
  const names = Object.keys(steps[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, steps.map((figures) => figures[name] as number)]),
  );
}

/** `trainOnBatch` against `trainOnBatch`, batch after batch over the rows. */
export async function stepFaults(
  devices: readonly Device[],
  rivalry: Rivalry,
  { batch = BATCH, steps = 20 } = {},
): Promise<string[]> {
  const { model, x, y, rows } = rivalry;
  const startOf = (step: number) => (step * batch) % (rows - batch + 1);
  const partsOf = (values: ValuesByPort, step: number) =>
    Object.fromEntries(
      Object.entries(values).map(([name, all]) => {
        const { data, shape } = rowsOf(all, startOf(step), batch);
        return [name, { data, shape: [batch, ...shape] }];
      }),
    );
  const numbers = [...Array(steps).keys()];
  return compared(
    devices,
    rivalry,
    async (session) => {
      const told: Readonly<Record<string, number>>[] = [];
      for (const step of numbers) {
        told.push((await session.trainOnBatch(partsOf(x, step), partsOf(y, step))).figures);
      }
      return seriesOf(told);
    },
    async () => {
      const told: Readonly<Record<string, number>>[] = [];
      for (const step of numbers) {
        const tensors = tensorsOf(rivalry, startOf(step), batch);
        const values = [await model.trainOnBatch(tensors.x, tensors.y)].flat();
        told.push(
          Object.fromEntries(
            model.metricsNames.map((name, at) => [name, values[at] as number] as const),
          ),
        );
        tf.dispose([tensors.x, tensors.y]);
      }
      return seriesOf(told);
    },
  );
}

export interface FitRivalry extends Rivalry {
  readonly epochs?: number;
  readonly batch?: number;
  /** For Hone and, as `classWeight` too, for tfjs. */
  readonly classWeight?: TrainOptions["classWeight"];
  /** Rows at the end that validate. */
  readonly validationRows?: number;
}

/** The rows as a data set. */
export function datasetOf({ x, y, rows }: Pick<Rivalry, "x" | "y" | "rows">): Dataset {
  const columns = Object.entries({ ...x, ...y }).map(([name, { shape, data }]) => [
    name,
    { data, shape, scale: 1, offset: 0 },
  ]);
  return {
    name: "rows",
    rows,
    columns: Object.fromEntries(columns),
    labels: Object.keys(y),
  };
}

/** `fit` against `fit`; neither shuffles. */
export async function fitFaults(
  devices: readonly Device[],
  rivalry: FitRivalry,
  { dataset = datasetOf(rivalry) }: { readonly dataset?: Dataset } = {},
): Promise<string[]> {
  const { model, rows, epochs = 5, batch = BATCH, classWeight, validationRows = 0 } = rivalry;
  const validation = validationRows / rows;
  return compared(
    devices,
    rivalry,
    async (session) => {
      const { history } = await session.fit(dataset, {
        epochs,
        batchSize: batch,
        shuffle: false,
        ...(validation > 0 && { validation }),
        ...(classWeight && { classWeight }),
      });
      return history;
    },
    async () => {
      const tensors = tensorsOf(rivalry, 0, rows);
      const args: ModelFitArgs = {
        epochs,
        batchSize: batch,
        shuffle: false,
        verbose: 0,
        ...(validation > 0 && { validationSplit: validation }),
        ...(classWeight && {
          classWeight: classWeight as NonNullable<ModelFitArgs["classWeight"]>,
        }),
      };
      const { history } = await model.fit(tensors.x, tensors.y, args);
      tf.dispose([tensors.x, tensors.y]);
      return history as Record<string, number[]>;
    },
  );
}
