/** Stock tfjs on one of its backends, by its own `fit`, `predict` and `trainOnBatch`. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import { BATCH_SIZE, type Contender, type Heat } from "./heats.js";
import { CHECKED_RATE, networkOf, type Racer, type Rows, rowShape } from "./racer.js";

const loaded: Readonly<Record<Contender["backend"], () => Promise<unknown>>> = {
  webgpu: () => import("@tensorflow/tfjs-backend-webgpu"),
  async wasm() {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(new URL("tfjs/", globalThis.location.href).href);
  },
  cpu: () => import("@tensorflow/tfjs-backend-cpu"),
};

/** @throws Error where the backend does not start */
export async function tfjsRacer(heat: Heat, backend: Contender["backend"]): Promise<Racer> {
  await loaded[backend]();
  if (!(await tf.setBackend(backend)))
    throw new Error(`tfjs does not start its backend ${backend}`);
  await tf.ready();
  const [plain, timed] = [networkOf(heat), networkOf(heat)];
  const loss = "sparseCategoricalCrossentropy";
  plain.compile({ optimizer: tf.train.sgd(CHECKED_RATE), loss });
  timed.compile({ optimizer: tf.train.adam(1e-3), loss });
  const shape = rowShape(plain);
  const pixelsOf = ({ pixels, count }: Rows) => tf.tensor(pixels, [count, ...shape]);
  const labelsOf = ({ labels, count }: Rows) => tf.tensor(Float32Array.from(labels), [count, 1]);
  const resident = new WeakMap<Rows, { readonly x: tf.Tensor; readonly y: tf.Tensor }>();
  return {
    device: `tfjs ${tf.version_core}, ${tf.getBackend()}`,
    async losses(batches) {
      const losses: number[] = [];
      for (const batch of batches) {
        losses.push((await plain.trainOnBatch(pixelsOf(batch), labelsOf(batch))) as number);
      }
      return losses;
    },
    async predict(rows) {
      const x = pixelsOf(rows);
      const outputs = plain.predict(x) as tf.Tensor;
      const values = await outputs.data();
      tf.dispose([x, outputs]);
      return values;
    },
    async fit(rows, epochs) {
      const { x, y } = resident.get(rows) ?? { x: pixelsOf(rows), y: labelsOf(rows) };
      resident.set(rows, { x, y });
      await timed.fit(x, y, { epochs, batchSize: BATCH_SIZE, verbose: 0, yieldEvery: "never" });
      // `fit` may end before a GPU does: reading a weight waits.
      await timed.getWeights()[0]?.data();
    },
  };
}
