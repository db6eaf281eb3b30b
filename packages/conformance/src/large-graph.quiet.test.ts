/** How long a large model takes from tfjs to a device that is ready to train it. */
import "@tensorflow/tfjs-backend-cpu";
import type { Device } from "@hone/core/backend";
import { adam, atBatch, planEntry, traceModel, trainingStep } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, type Sequential, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";

const [STEPS, FEATURES, UNITS, BATCH] = [190, 4, 8, 16];
const LIMIT_MS = 2000;
/** Stock passes of the model forward that take as long on a machine where the limit is just kept: slower ones have more time. */
const PASSES = 12;

/** An LSTM with its steps written out. */
class Unrolled extends layers.Layer {
  static readonly className = "Unrolled";
  readonly kernel = layers.dense({ units: 4 * UNITS });
  readonly recurrent = layers.dense({ units: 4 * UNITS, useBias: false });

  override build(): void {
    this.kernel.build([BATCH, FEATURES]);
    this.recurrent.build([BATCH, UNITS]);
    this.trainableWeights = [...this.kernel.trainableWeights, ...this.recurrent.trainableWeights];
    this.built = true;
  }

  override computeOutputShape(): (number | null)[] {
    return [null, UNITS];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const sequence = (Array.isArray(inputs) ? inputs[0] : inputs) as tfc.Tensor3D;
    return tfc.tidy(() => {
      let output: tfc.Tensor = tfc.zeros([sequence.shape[0], UNITS]);
      let state = output;
      for (const x of tfc.unstack(sequence, 1)) {
        const z = tfc.add(
          this.kernel.apply(x) as tfc.Tensor,
          this.recurrent.apply(output) as tfc.Tensor,
        );
        const [i, f, g, o] = tfc.split(z, 4, 1) as [tfc.Tensor, tfc.Tensor, tfc.Tensor, tfc.Tensor];
        const fresh = tfc.mul(tfc.sigmoid(i), tfc.tanh(g));
        state = tfc.add(tfc.mul(tfc.sigmoid(f), state), fresh);
        output = tfc.mul(tfc.sigmoid(o), tfc.tanh(state));
      }
      return output;
    });
  }
}

/** Milliseconds from the model to a device that is ready to train it, and the nodes of a step. */
async function ready(device: Device, steps: number) {
  // The sequence comes from a layer that learns, so that it needs a gradient too.
  const model = sequential({
    layers: [
      layers.dense({ units: FEATURES, inputShape: [steps, FEATURES] }),
      new Unrolled(),
      layers.dense({ units: 1 }),
    ],
  });
  const column = { dtype: "float32", scale: 1, offset: 0 } as const;
  const beganMs = performance.now();
  const traced = traceModel(model);
  const [input, output] = [traced.inputs[0]?.name as string, traced.outputs[0]?.name as string];
  const graph = trainingStep(atBatch(traced.training, BATCH), {
    terms: [{ output, loss: { name: "meanSquaredError" }, weight: 1, metrics: [] }],
    data: {
      columns: { x: { ...column, rowShape: [steps, FEATURES] }, y: { ...column, rowShape: [1] } },
      inputs: { [input]: "x" },
      labels: { [output]: "y" },
    },
    stride: BATCH,
    orderCapacity: 64,
    scheduleCapacity: 8,
    optimizer: adam(),
  });
  const entry = planEntry("train", graph, device.target);
  const executable = await device.load({ entries: [entry] });
  const tookMs = performance.now() - beganMs;
  executable.dispose();
  return { model, nodes: graph.nodes.length, tookMs };
}

/** Milliseconds that stock tfjs takes to run the model forward so many times. */
function stockMs(model: Sequential, passes: number): number {
  const beganMs = performance.now();
  for (let pass = 0; pass < passes; pass++) {
    tfc.tidy(() => {
      const given = tfc.zeros([BATCH, STEPS, FEATURES]);
      (model.apply(given, { training: true }) as tfc.Tensor).dataSync();
    });
  }
  return performance.now() - beganMs;
}

test.each([
  ["cpu", () => cpu({ worker: false })],
  ["wasm", () => wasm({ worker: false })],
  ["wasm in a worker", () => wasm()],
])(
  "10,000 nodes are traced, planned and loaded on %s within two seconds, or twelve passes of stock tfjs",
  async (_, backend) => {
    const device = await backend().open();
    // What is imported late is transformed by the test runner first, which no user waits for.
    await ready(device, 2);
    const { model, nodes, tookMs } = await ready(device, STEPS);
    await device.close();
    expect(nodes).toBeGreaterThan(10_000);
    const stock = stockMs(model, PASSES);
    const said = `${Math.round(tookMs)} ms; ${PASSES} passes of stock tfjs ${Math.round(stock)} ms`;
    expect(tookMs, said).toBeLessThan(Math.max(LIMIT_MS, stock));
  },
);
