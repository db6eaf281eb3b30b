/** The recipes for pages, in a page: what mounts and unmounts leaves the workers of what is mounted, and no tensor of tfjs. */
import { type Dataset, dataset, fastest, mlp } from "@hone/hone";
import { engine } from "@tensorflow/tfjs-core";
import { createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { mount, unmount } from "svelte";
import { afterAll, beforeAll, expect, test } from "vitest";
import { effectScope } from "vue";
import { type Training, useTrainedModel } from "./react/use-trained-model.js";
import Trainer from "./svelte/trainer.svelte";
import { useTrainedModel as useInVue } from "./vue/use-trained-model.js";

const PageWorker = globalThis.Worker;
const living = new Set<Worker>();
const wait = { timeout: 30_000, interval: 50 };

/** Workers that the page has started and not ended; their own threads go with them. */
class CountedWorker extends PageWorker {
  constructor(...given: ConstructorParameters<typeof Worker>) {
    super(...given);
    living.add(this);
  }

  override terminate(): void {
    living.delete(this);
    super.terminate();
  }
}

const model = mlp({ units: [16, 8], seed: 3 });
let data: Dataset;

beforeAll(async () => {
  globalThis.Worker = CountedWorker;
  const rows = 128;
  const x = Uint8Array.from({ length: rows * 784 }, (_, at) => (at * 7919) % 251);
  const y = Uint8Array.from({ length: rows }, (_, at) => at % 10);
  data = await dataset({ x: { data: x, shape: [rows, 28, 28] }, y, scale: 1 / 255 });
});
afterAll(() => {
  globalThis.Worker = PageWorker;
});

/** One device of this page has one worker, whose threads are its own. */
async function expectOneWorkerEach(): Promise<void> {
  const device = await fastest({ for: model });
  await expect.poll(() => living.size, wait).toBe(1);
  await device.close();
  expect(living.size).toBe(0);
}

/** A component that shows how far it is. */
function trainer(seen: Training[], epochs: number) {
  return function Trainer() {
    const training = useTrainedModel(model, data, epochs);
    seen.push(training);
    return createElement("output", null, training.phase);
  };
}

test("twenty mounts of StrictMode in quick order leave the workers of one device, and then none", async () => {
  await expectOneWorkerEach();
  const { numTensors } = engine().state;
  const seen: Training[] = [];
  const Trainer = trainer(seen, 2);
  const place = document.body.appendChild(document.createElement("div"));
  let root = createRoot(place);
  for (let mount = 0; mount < 20; mount++) {
    root.render(createElement(StrictMode, null, createElement(Trainer)));
    // Some go at once, some while the device opens, some while it is tried.
    await new Promise((resolve) => setTimeout(resolve, mount * 8));
    if (mount === 19) break;
    root.unmount();
    root = createRoot(place);
  }
  await expect.poll(() => place.textContent, wait).toBe("ready");
  await expect.poll(() => living.size, wait).toBe(1);
  const last = seen.at(-1) as Extract<Training, { phase: "ready" }>;
  const { shape } = await last.session.predict(new Uint8Array(784));
  expect(shape).toEqual([1, 10]);
  expect(seen.filter(({ phase }) => phase === "failed")).toEqual([]);
  root.unmount();
  await expect.poll(() => living.size, wait).toBe(0);
  expect(engine().state.numTensors).toBe(numTensors);
});

test("twenty hot reloads leave the workers of one device", async () => {
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  const seen: Training[] = [];
  for (let reload = 0; reload < 20; reload++) {
    // A component that was changed is another one: the old one's effects end, those of the new begin.
    root.render(createElement(StrictMode, null, createElement(trainer(seen, 1))));
    await new Promise((resolve) => setTimeout(resolve, (reload % 4) * 60));
  }
  await expect.poll(() => place.textContent, wait).toBe("ready");
  await expect.poll(() => living.size, wait).toBe(1);
  root.unmount();
  await expect.poll(() => living.size, wait).toBe(0);
});

test("a component whose device fails trains on elsewhere, and leaves nothing either", async () => {
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  const seen: Training[] = [];
  root.render(createElement(trainer(seen, 1e6)));
  await expect.poll(() => place.textContent, wait).toBe("training");
  const first = [...living];
  expect(first.length).toBeGreaterThan(0);
  // It is no message, and what is thrown by a listener ends the worker.
  for (const worker of first) worker.postMessage(7);
  await expect.poll(() => first.some((worker) => living.has(worker)), wait).toBe(false);
  await expect.poll(() => living.size, wait).toBeGreaterThan(0);
  root.unmount();
  await expect.poll(() => living.size, wait).toBe(0);
});

test("a scope of Vue trains, predicts, and leaves nothing when it ends", async () => {
  for (const endsAfter of ["ready", "opening"] as const) {
    const scope = effectScope();
    const training = scope.run(() => useInVue(model, data, 1));
    await expect.poll(() => training?.value.phase, wait).toBe(endsAfter);
    if (training?.value.phase === "ready") {
      const { shape } = await training.value.session.predict(new Uint8Array(784));
      expect(shape).toEqual([1, 10]);
    }
    scope.stop();
    await expect.poll(() => living.size, wait).toBe(0);
  }
});

test("a component of Svelte, mounted twenty times in quick order, trains, predicts, and leaves nothing", async () => {
  const target = document.body.appendChild(document.createElement("div"));
  const seen: Training[] = [];
  const props = { model, data, epochs: 1, seen: (training: Training) => seen.push(training) };
  let component = mount(Trainer, { target, props });
  for (let mounts = 1; mounts < 20; mounts++) {
    await new Promise((resolve) => setTimeout(resolve, mounts * 8));
    await unmount(component);
    component = mount(Trainer, { target, props });
  }
  await expect.poll(() => target.textContent, wait).toBe("ready");
  await expect.poll(() => living.size, wait).toBe(1);
  const last = seen.at(-1) as Extract<Training, { phase: "ready" }>;
  const { shape } = await last.session.predict(new Uint8Array(784));
  expect(shape).toEqual([1, 10]);
  expect(seen.filter(({ phase }) => phase === "failed")).toEqual([]);
  await unmount(component);
  await expect.poll(() => living.size, wait).toBe(0);
});
