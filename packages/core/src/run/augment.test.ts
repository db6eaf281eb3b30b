/** Augmentation as a session does it: in training steps alone, the same pictures everywhere. */
import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device, Entry } from "../backend.js";
import { sgd } from "../graph/optimizer.js";
import type { Dataset, PlainDataset } from "./dataset.js";
import type { TrainOptions } from "./fit-options.js";
import { Session } from "./session.js";
import { FEATURES, tinyData, tinyParts } from "./test/tiny-model.js";

let device: Device;
beforeAll(async () => {
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

/** The tiny data set's six features as pictures of 2 by 3. */
function tinyPictures(rows: number, shape: readonly number[] = [2, FEATURES / 2]): PlainDataset {
  const data = tinyData(rows);
  return { ...data, columns: { ...data.columns, x: { ...data.columns.x, shape } } };
}

/** A device that notes the ops of each entry it is given. */
function noting(entries: Map<string, readonly string[]>): Device {
  const note = (entry: Entry) =>
    entries.set(
      entry.name,
      entry.calls.map(({ op }) => op),
    );
  return Object.assign(Object.create(device) as Device, {
    info: device.info,
    target: device.target,
    upload: device.upload.bind(device),
    load: async (program: Parameters<Device["load"]>[0]) => {
      program.entries.forEach(note);
      const executable = await device.load(program);
      const prepare = executable.prepare.bind(executable);
      executable.prepare = (entry) => {
        note(entry);
        return prepare(entry);
      };
      return executable;
    },
  });
}

async function weightsAfter(dataset: Dataset, options: TrainOptions, seed = 3) {
  const session = new Session(tinyParts(device, { seed }));
  await session.fit(dataset, { epochs: 2, batchSize: 16, ...options });
  const weights = (await session.weights()).map(({ values }) => values);
  session.close();
  return weights;
}

test("training steps augment right after their gather; evaluation and prediction never do", async () => {
  const entries = new Map<string, readonly string[]>();
  const session = new Session(tinyParts(noting(entries)));
  const data = tinyPictures(40);
  await session.fit(data, { epochs: 1, batchSize: 16, validation: 0.2, augment: { shift: 1 } });
  await session.evaluate(data);
  await session.predict(new Float32Array(FEATURES));
  session.close();
  expect([...entries.keys()].length).toBeGreaterThan(3);
  for (const [name, ops] of entries) {
    if (!name.startsWith("train@")) expect(ops).not.toContain("AugmentImages");
    else expect(ops.slice(0, 2)).toEqual(["GatherRows", "AugmentImages"]);
  }
});

test("the same seed gives identical bytes, another seed and another setting others", async () => {
  const data = tinyPictures(50);
  const augment = { shift: 1, flip: true };
  const first = await weightsAfter(data, { augment });
  expect(await weightsAfter(data, { augment })).toEqual(first);
  expect(await weightsAfter(data, { augment, shuffle: false })).not.toEqual(first);
  expect(await weightsAfter(data, { augment }, 4)).not.toEqual(first);
  expect(await weightsAfter(data, { augment: { shift: 1 } })).not.toEqual(first);
});

test("a shift of 0 without mirroring is no augmentation", async () => {
  const data = tinyPictures(50);
  const plain = await weightsAfter(data, {});
  expect(await weightsAfter(data, { augment: {} })).toEqual(plain);
  expect(await weightsAfter(data, { augment: { shift: 0, flip: false } })).toEqual(plain);
});

test("with every image mirrored or not, an image that is its own mirror is left as it is", async () => {
  const data = tinyPictures(50, [6, 1]);
  const plain = await weightsAfter(data, {});
  expect(await weightsAfter(data, { augment: { flip: true } })).toEqual(plain);
});

test("what is not an image, or a shift that is no shift of it, is refused before anything runs", async () => {
  const session = new Session(tinyParts(device, { optimizer: sgd(1) }));
  const train = (data: Dataset, augment: object) => session.fit(data, { augment });
  await expect(train(tinyData(20), { shift: 1 })).rejects.toThrow(
    /augment: a row of the data is \[6\] and the model takes \[6\]: neither is an image/,
  );
  for (const shift of [2, -1, 0.5, Number.NaN, "1"]) {
    await expect(train(tinyPictures(20), { shift })).rejects.toThrow(
      /augment: the shift is .*, of images of 2 by 3 pixels\. Give a whole number from 0 to 1/,
    );
  }
  await expect(train(tinyPictures(20), { flip: 1 })).rejects.toThrow(/flip is 1\. Give true or/);
  expect(session.step).toBe(0);
  session.close();
});
