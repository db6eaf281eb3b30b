/**
 * What a page with a training does: goes on from its newest checkpoint if there is one, keeps checkpoints on the way, and
 * tells the page around it what happens.
 */
import { adam, compile } from "@hone/core";
import { wasm } from "@hone/wasm";
import "@tensorflow/tfjs-backend-cpu";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { digits } from "../../digits/digits.js";
import { browserCheckpoints } from "../browser.js";

export const EPOCHS = 30;
const BATCH = 32;
/** Of an epoch. */
export const STEPS = 18;

export interface PageMessage {
  readonly began?: number;
  readonly saved?: number;
  readonly failed?: string;
  /** Bits of all weights, as text, at the end. */
  readonly weights?: string;
  readonly loss?: readonly number[];
  readonly warnings?: readonly string[];
}

function model() {
  const kernel = (seed: number) => ({ className: "GlorotUniform", config: { seed } }) as never;
  const dense = (units: number, activation: "relu" | "softmax") =>
    layers.dense({ units, activation, kernelInitializer: kernel(units) });
  const [flatten, dropout] = [
    layers.flatten({ inputShape: [28, 28, 1] }),
    layers.dropout({ rate: 0.3 }),
  ];
  return sequential({ layers: [flatten, dense(32, "relu"), dropout, dense(10, "softmax")] });
}

const say = (message: PageMessage) => parent.postMessage(message, "*");

export async function train(name: string): Promise<void> {
  const store = browserCheckpoints(name);
  const found = await store.latest().catch(() => undefined);
  say({ began: found?.checkpoint.kind === "session" ? found.checkpoint.step : 0 });
  const device = await wasm({ threads: 2 }).open();
  const { train } = await digits({ train: STEPS * BATCH, test: 10 });
  const session = await compile(model(), {
    device,
    optimizer: adam(1e-3),
    seed: 7,
    ...(found && { resume: found.checkpoint as never }),
  });
  const to = {
    async save(checkpoint: Parameters<typeof store.save>[0]) {
      try {
        await store.save(checkpoint);
      } catch (error) {
        say({ failed: String(error) });
        throw error;
      }
      if (checkpoint.kind === "session" && checkpoint.training) say({ saved: checkpoint.step });
    },
  };
  const history = await session.fit(train, {
    epochs: EPOCHS,
    batchSize: BATCH,
    progressMs: 20,
    checkpoints: { to, everyMs: 0 },
  });
  const bits = (await session.weights()).map(({ values }) =>
    Array.from(new Uint32Array(values.slice().buffer), (word) => word.toString(16)).join(),
  );
  say({
    weights: bits.join(";"),
    loss: history.history.loss ?? [],
    warnings: session.warnings,
  });
  session.close();
  await device.close();
}
