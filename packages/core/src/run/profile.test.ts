import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device, Executable } from "../backend.js";
import { explainStep } from "./explain.js";
import { type CallTime, profilePrediction, profileTraining } from "./profile.js";
import { Session } from "./session.js";
import { FEATURES, tinyCaptured, tinyData, tinyParts } from "./test/tiny-model.js";

let device: Device;
beforeAll(async () => {
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const batchSize = 16;
const dataset = tinyData(5 * batchSize);

/** The device, and what is loaded on it. */
function watched(change: (executable: Executable) => Executable = (executable) => executable) {
  const loaded: Executable[] = [];
  const load: Device["load"] = async (program) => {
    const executable = change(await device.load(program));
    loaded.push(executable);
    return executable;
  };
  const { info, target, lost } = device;
  const upload: Device["upload"] = (columns) => device.upload(columns);
  const watching: Device = {
    ...{ info, target, lost, load, upload },
    memory: () => device.memory(),
    close: () => device.close(),
  };
  return { device: watching, loaded };
}

const sumOf = (parts: readonly { readonly microseconds: number }[]) =>
  parts.reduce((sum, { microseconds }) => sum + microseconds, 0);

function checkTimes(times: readonly CallTime[], count: number) {
  expect(times).toHaveLength(count);
  for (const { microseconds, kernels } of times) {
    expect(kernels.length).toBeGreaterThan(0);
    expect(microseconds).toBeGreaterThanOrEqual(0);
    expect(sumOf(kernels)).toBe(microseconds);
  }
  expect(sumOf(times)).toBeGreaterThan(0);
}

test("every call of a training step has a time, and the FLOPs that explain gives it", async () => {
  const parts = tinyCaptured({ dropout: 0.3 });
  const profiler = await profileTraining({ ...parts, device, dataset, batchSize });
  const explained = explainStep(parts.traced, parts.setup, device.target, {
    batchSize,
    threads: {},
  });
  expect(profiler.calls).toEqual(
    explained.calls.map(({ op, layer, output, flops }) => ({ op, layer, output, flops })),
  );
  checkTimes(await profiler.profile(3), profiler.calls.length);
  profiler.dispose();
});

test("a profile of an epoch trains as a session does, bit by bit", async () => {
  const { device: watching, loaded } = watched();
  const parts = tinyCaptured({ dropout: 0.3 });
  const profiler = await profileTraining({ ...parts, device: watching, dataset, batchSize });
  await profiler.profile(5);
  const names = parts.traced.weights.map(({ name }) => name);
  const profiled = await loaded[0]!.read(names);
  const session = new Session(tinyParts(device, { dropout: 0.3 }));
  await session.fit(dataset, { epochs: 1, batchSize });
  expect((await session.weights()).map(({ values }) => values)).toEqual(profiled);
  session.close();
  profiler.dispose();
});

test("a prediction is profiled on the first rows, and gives what a session predicts for them", async () => {
  const { device: watching, loaded } = watched();
  const profiler = await profilePrediction({
    ...tinyCaptured(),
    device: watching,
    dataset,
    batchSize,
  });
  checkTimes(await profiler.profile(2), profiler.calls.length);
  const [profiled] = await loaded[0]!.read([`output.output@${batchSize}`]);
  const session = new Session(tinyParts(device));
  const data = (dataset.columns.x.data as Float32Array).slice(0, batchSize * FEATURES);
  const predicted = await session.predict({ data, shape: [batchSize, FEATURES] });
  expect(predicted.data).toEqual(profiled);
  session.close();
  profiler.dispose();
});

test("a device that cannot profile is refused before anything runs, and nothing stays on it", async () => {
  const { device: watching } = watched((executable) =>
    Object.assign(executable, { profile: undefined }),
  );
  const before = await device.memory();
  const parts = { ...tinyCaptured(), device: watching, dataset, batchSize };
  await expect(profileTraining(parts)).rejects.toThrow(
    "[hone] cpu: it cannot tell what its kernels take. Choose another backend, such as wasm or cpu.",
  );
  expect(await device.memory()).toEqual(before);
});

test("a batch larger than the data, and more steps than the data lasts for, are refused", async () => {
  const parts = { ...tinyCaptured(), device, dataset };
  await expect(profileTraining({ ...parts, batchSize: 81 })).rejects.toThrow(
    '[hone] batchSize: it is 81, and data set "tiny" has 80 rows. Give at most that many.',
  );
  const profiler = await profileTraining({ ...parts, batchSize });
  await expect(profiler.profile(6)).rejects.toThrow("6 steps were asked for");
  profiler.dispose();
});
