/** A training that fails over in the middle, beside the same one left in peace. */
import "@tensorflow/tfjs-backend-cpu";
import {
  adam,
  type Backend,
  compile,
  type Device,
  type FailoverOptions,
  isHoneError,
  type Moved,
  oneCycle,
  RandomStream,
  type Session,
} from "@hone/core";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { type BreakWay, breakable } from "../../testing.js";

export const ROWS = 240;
const FEATURES = 12;
const CLASSES = 4;

/** Rows of four classes, by the features that are raised. */
export function rowsOf(count: number, seed: number) {
  const random = new RandomStream(seed, 7);
  const labels = Int32Array.from({ length: count }, () => random.nextInteger(CLASSES));
  const x = Float32Array.from({ length: count * FEATURES }, (_, index) => {
    const raised = (index % FEATURES) % CLASSES === labels[Math.floor(index / FEATURES)];
    return random.nextFloat() + (raised ? 0.7 : 0);
  });
  return { x, labels };
}

export function dataOf(count = ROWS, seed = 3) {
  const { x, labels } = rowsOf(count, seed);
  return {
    name: "raised features",
    rows: count,
    columns: {
      x: { data: x, shape: [FEATURES], scale: 1, offset: 0 },
      y: { data: labels, shape: [], scale: 1, offset: 0 },
    },
  };
}

const kernelInitializer = (seed: number) => layers.initializers.glorotUniform({ seed });

/** Dropout, so that a step which took another step's numbers would show. */
export async function classifier() {
  await tf.setBackend("cpu");
  return layers.sequential({
    name: "classifier",
    layers: [
      layers.layers.dense({
        name: "hidden",
        units: 16,
        activation: "relu",
        inputShape: [FEATURES],
        kernelInitializer: kernelInitializer(1),
      }),
      layers.layers.dropout({ rate: 0.2 }),
      layers.layers.dense({
        name: "classes",
        units: CLASSES,
        activation: "softmax",
        kernelInitializer: kernelInitializer(2),
      }),
    ],
  });
}

export const OPTIONS = {
  epochs: 6,
  batchSize: 16,
  progressMs: 0,
  validation: 0.2,
  learningRate: oneCycle({ peak: 0.02, epochs: 6 }),
  earlyStopping: { patience: 6 },
} as const;

export interface Ended {
  readonly loss: number;
  readonly losses: readonly number[];
  readonly weights: readonly Float32Array[];
  readonly moves: readonly Moved[];
}

/** Trains to the end. @param onRecord may break or move what trains */
export async function trained(
  device: Device,
  failover: FailoverOptions | readonly Backend[] | false,
  onRecord: (count: number, session: Session<layers.Sequential>) => unknown = () => undefined,
  progressMs = 0,
): Promise<Ended> {
  const session = await compile(await classifier(), {
    device,
    optimizer: adam(0.01),
    loss: "sparseCategoricalCrossentropy",
    seed: 5,
    failover,
  });
  const moves: Moved[] = [];
  let count = 0;
  try {
    const { history } = await session.fit(dataOf(), {
      ...OPTIONS,
      progressMs,
      onRecord: (record) => {
        if (record.kind === "moved") moves.push(record);
        onRecord(++count, session);
      },
    });
    const weights = (await session.weights()).map(({ values }) => values);
    const losses = history.loss as number[];
    return { loss: losses.at(-1) as number, losses, weights, moves };
  } finally {
    session.close();
  }
}

/** Trains, and moves to each of `places` in turn, so many records after another. */
export function moved(device: Device, places: readonly Device[], every: number): Promise<Ended> {
  return trained(device, false, (count, session) => {
    const place = places[count / every - 1];
    if (place) void session.moveTo(place);
  });
}

/** Trains on a device that breaks after some records. */
export async function trainedThrough(
  right: Backend,
  how: BreakWay,
  after: number,
  failover: FailoverOptions,
): Promise<Ended & { readonly workersLeft: () => number }> {
  const { backend, breakNow, workersLeft } = breakable(right);
  const device = await backend.open();
  try {
    const ended = await trained(device, failover, (count) => {
      if (count === after) breakNow(how);
    });
    return { ...ended, workersLeft };
  } finally {
    await device.close();
  }
}

export const isDeviceLost = (error: unknown) => isHoneError(error, "DeviceLost");
