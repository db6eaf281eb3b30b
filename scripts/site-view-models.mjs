/**
 * Models of the views Teach and Sequence, as files that a page opens without tfjs: `teach.hone.gz`, the front that stands
 * still with a head of zeros, and `sums.hone.gz`, an LSTM as it begins.
 */
import { gzipSync } from "node:zlib";
import { adam, compile } from "@hone/core";
import { engine } from "@tensorflow/tfjs-core";
import { initializers, layers, sequential } from "@tensorflow/tfjs-layers";
// Layers hold their first weights as tensors, for which tfjs wants a backend.
import { withTensors } from "../packages/core/src/trace/host-tensors.js";
import front from "../packages/web/src/front/front.json";
import { taught } from "../packages/web/src/front/front-model.mjs";
import { unpacked } from "../packages/web/src/front/pack-front.mjs";

/** Columns of a sum, and of each the two digits, one-hot: packages/web/src/views/sequence/sums.ts. */
const [COLUMNS, WIDTH, UNITS] = [7, 20, 32];

/**
 * @param {Uint8Array} frontBytes packages/web/src/front/front.bin
 * @returns {Promise<Record<string, Uint8Array>>} by file's name
 */
export async function viewModels(device, frontBytes) {
  return {
    "teach.hone.gz": gzipSync(await teachModel(device, frontBytes), { level: 9 }),
    "sums.hone.gz": gzipSync(await sumsModel(device), { level: 9 }),
  };
}

async function teachModel(device, frontBytes) {
  const kernels = unpacked(front.weights, frontBytes);
  const session = await compile(withTensors(engine(), taught), {
    device,
    optimizer: adam(0.01),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["acc"],
  });
  const scaling = [front.means, front.variances].map((values) => Float32Array.from(values));
  const own = [...kernels, ...scaling];
  const known = await session.weights();
  // The head, which trains, stands first.
  await session.setWeights(
    known.map(({ name, values }) => (name.startsWith("class/") ? values : own.shift())),
  );
  return session.save({ name: "teach" });
}

function adder() {
  const drawn = (seed) => initializers.glorotUniform({ seed });
  return sequential({
    layers: [
      layers.lstm({
        units: UNITS,
        returnSequences: true,
        inputShape: [COLUMNS, WIDTH],
        kernelInitializer: drawn(1),
        recurrentInitializer: drawn(2),
        unitForgetBias: false,
      }),
      layers.dense({ units: 10, activation: "softmax", kernelInitializer: drawn(3) }),
    ],
  });
}

async function sumsModel(device) {
  const session = await compile(withTensors(engine(), adder), {
    device,
    optimizer: adam(3e-3),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["acc"],
  });
  return session.save({ name: "sums" });
}
