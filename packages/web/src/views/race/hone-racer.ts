/** Hone on one of its backends. */
import { adam, type Backend, compile, type Device, sgd } from "@hone/core";
import { dataset } from "@hone/data";
import { BATCH_SIZE, type Contender, type Heat } from "./heats.js";
import { CHECKED_RATE, networkOf, type Racer, type Rows, rowShape } from "./racer.js";

const backends: Readonly<Record<Contender["backend"], () => Promise<Backend>>> = {
  webgpu: async () => (await import("@hone/webgpu")).webgpu(),
  wasm: async () => (await import("@hone/wasm")).wasm(),
  cpu: async () => (await import("@hone/cpu")).cpu(),
};

/** @throws BackendUnavailable */
export async function honeRacer(heat: Heat, backend: Contender["backend"]): Promise<Racer> {
  return racerOn(heat, await (await backends[backend]()).open());
}

/** Plain JavaScript in 64 bits: what all answers are compared with. */
export async function referenceRacer(heat: Heat): Promise<Racer> {
  const { cpu } = await import("@hone/cpu");
  return racerOn(heat, await cpu({ precision: 64, worker: false }).open());
}

async function racerOn(heat: Heat, device: Device): Promise<Racer> {
  const model = networkOf(heat);
  const shape = rowShape(model);
  const judged = { device, loss: "sparseCategoricalCrossentropy", seed: 7 } as const;
  const plain = await compile(model, { ...judged, optimizer: sgd(CHECKED_RATE) });
  const timed = await compile(networkOf(heat), { ...judged, optimizer: adam(1e-3) });
  const sets = new WeakMap<Rows, ReturnType<typeof dataset>>();
  const setOf = (rows: Rows) => {
    const made =
      sets.get(rows) ??
      dataset({ x: { data: rows.pixels, shape: [rows.count, ...shape] }, y: rows.labels });
    sets.set(rows, made);
    return made;
  };
  return {
    device: device.info.description,
    async losses(batches) {
      const losses: number[] = [];
      for (const { pixels, labels, count } of batches) {
        const { loss } = await plain.trainOnBatch(
          { data: pixels, shape: [count, ...shape] },
          labels,
        );
        losses.push(loss);
      }
      return losses;
    },
    async predict({ pixels, count }) {
      return (await plain.predict({ data: pixels, shape: [count, ...shape] })).data;
    },
    fit: async (rows, epochs) => timed.fit(await setOf(rows), { epochs, batchSize: BATCH_SIZE }),
  };
}
