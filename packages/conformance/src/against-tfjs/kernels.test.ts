/** Kernels of tfjs-core in a layer of a user's: values as stock tfjs computes them, gradients as the loss slopes. */
import "@tensorflow/tfjs-backend-cpu";
import { compile, type Device, sgd } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import * as tf from "@tensorflow/tfjs-core";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fault } from "./test/harness.js";
import { kernelUses } from "./test/kernel-calls.js";
import { rivalry } from "./test/layer-rivalries.js";
import { slopeFaults } from "./test/slope.js";

let reference: Device;
let devices: Device[];
beforeAll(async () => {
  reference = await cpu({ precision: 64, worker: false }).open();
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of [reference, ...devices]) await device.close();
});

class Using extends layers.Layer {
  static className = "Using";
  constructor(
    private readonly use: (x: tf.Tensor) => tf.Tensor,
    private readonly row: readonly number[],
  ) {
    super({});
  }
  override computeOutputShape() {
    return [null, ...this.row];
  }
  override call(inputs: tf.Tensor | tf.Tensor[]) {
    return tf.tidy(() => this.use((Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor));
  }
}

test.each(Object.entries(kernelUses))("%s", async (_name, use) => {
  const { shape, call, domain = (x) => x, isFlat } = use;
  const used = (x: tf.Tensor) => float32(call(domain(x)));
  const row = tf.tidy(() => used(tf.zeros([2, ...shape])).shape.slice(1));
  const layer = new Using(used, row.length === 0 ? [1] : row);
  if (row.length === 0) layer.call = (x) => tf.reshape(used([x].flat()[0] as tf.Tensor), [-1, 1]);
  const made = rivalry(shape, (x) => layer.apply(x) as SymbolicTensor)();
  const { data } = made.x.x as { data: Float32Array };
  const wanted = tf.tidy(() =>
    (made.model.predict(tf.tensor(data, [made.rows, ...shape])) as tf.Tensor).dataSync(),
  );
  for (const device of devices) {
    const session = await compile(made.model, {
      device,
      loss: "meanSquaredError",
      optimizer: sgd(0.1),
    });
    const found = await session.predict({ data, shape: [made.rows, ...shape] });
    expect(fault(device.info.backend, found.data, wanted)).toEqual([]);
    session.close();
  }
  if (!isFlat) expect(await slopeFaults(reference, made)).toEqual([]);
});

const float32 = (x: tf.Tensor) => (x.dtype === "float32" ? x : tf.cast(x, "float32"));
