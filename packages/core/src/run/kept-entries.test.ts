/** Entries that others made room for come back as if they had never been away. */
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";
import type { Device, Entry } from "../backend.js";
import { adam } from "../graph/optimizer.js";
import { program } from "../program.js";
import { KeptEntries } from "./kept-entries.js";
import { Session } from "./session.js";
import { FEATURES, tinyData, tinyParts } from "./test/tiny-model.js";

const device = await cpu({ precision: 64 }).open();
const data = tinyData(40);
const open = (on: Device = device) => new Session(tinyParts(on, { dropout: 0.3 }));
const values = async (session: Session) =>
  (await session.weights()).map((weight) => [...weight.values]);

/** So many entries that none of those before is left that nobody holds. */
async function crowd(session: Session): Promise<void> {
  for (let batchSize = 2; batchSize < 32; batchSize++) await session.evaluate(data, { batchSize });
}

const rowsAt = (step: number) => {
  const rows = 2 + (step % 3);
  const { x, y } = data.columns as { x: { data: Float32Array }; y: { data: Uint8Array } };
  return [x.data.subarray(0, rows * FEATURES), y.data.subarray(0, rows)] as const;
};

test("single steps go on with their slots, rates and random numbers", async () => {
  const [plain, crowded] = [open(), open()];
  for (let step = 0; step < 6; step++) {
    await plain.trainOnBatch(...rowsAt(step));
    await crowded.trainOnBatch(...rowsAt(step));
    await crowd(crowded);
  }
  expect(await values(crowded)).toEqual(await values(plain));
  plain.close();
  crowded.close();
});

test("a training that pauses keeps its entries, and the next one goes on where it was", async () => {
  const [plain, crowded] = [open(), open()];
  for (let fit = 0; fit < 2; fit++) {
    const options = { epochs: 2, batchSize: 9, validation: 0.2, progressMs: 0 } as const;
    await plain.fit(data, options);
    for await (const _ of crowded.steps(data, options)) await crowd(crowded);
    await crowd(crowded);
  }
  expect(await values(crowded)).toEqual(await values(plain));
  plain.close();
  crowded.close();
});

test("functions of a program go on with their slots and rates", async () => {
  const made = async () => {
    const weight = tf.variable(tf.tensor1d([0.5, -0.25]));
    const output = ({ x }: { x: tf.Tensor }) => tf.mul(x, weight);
    const session = await program({
      device,
      inputs: { x: [2] },
      functions: {
        fit: {
          minimize: (rows) => tf.mean(tf.square(output(rows as never))) as tf.Tensor,
          variables: [weight],
          optimizer: adam(0.1),
        },
        draw: { compute: (rows) => output(rows as never) },
      },
    });
    return session;
  };
  const rows = (count: number) => Float32Array.from({ length: 2 * count }, (_, at) => at % 5);
  const [plain, crowded] = [await made(), await made()];
  for (let step = 0; step < 4; step++) {
    const wanted = await plain.run("fit", { x: rows(3) }, { steps: 2 });
    expect(await crowded.run("fit", { x: rows(3) }, { steps: 2 })).toEqual(wanted);
    for (let count = 1; count <= 30; count++) await crowded.run("draw", { x: rows(count) });
  }
  plain.close();
  crowded.close();
});

test("evaluations and predictions at once do not take each other's entries away", async () => {
  const session = open();
  const wanted = (await session.evaluate(data)).loss;
  const { x } = data.columns as { x: { data: Float32Array } };
  const all = Array.from({ length: 40 }, async (_, index) => {
    const [found] = await Promise.all([
      session.evaluate(data, { batchSize: 1 + index }),
      session.predict(x.data.subarray(0, (1 + index) * FEATURES)),
    ]);
    return found.loss;
  });
  for (const loss of await Promise.all(all)) expect(loss).toBeCloseTo(wanted, 12);
  session.close();
});

const block = (name: string, bytes = 8) => ({ name, kind: "memory", bytes }) as const;
const entry = (name: string, bytes = 8): Entry => ({
  name,
  blocks: [block("parameters"), block(`${name}/scratch0`, bytes)],
  buffers: { w: { block: "parameters", byteOffset: 0, shape: [2], dtype: "float32" } },
  constants: [],
  calls: [],
});

test("what is held stays, whatever room it takes; of the rest the longest unused go first", () => {
  const kept = new KeptEntries();
  const all = Array.from({ length: 60 }, (_, index) => entry(`e${index}`));
  for (const one of all) kept.add(one.name, one, ["w"]);
  expect(kept.surplus()).toEqual([]);
  for (const one of all.slice(0, 40)) kept.letGo(one);
  expect(kept.take("e0")).toBe(all[0]); // held once more, and used last
  expect(kept.surplus()).toEqual(all.slice(1, 16));
  kept.letGo(all[0] as Entry);
  expect(kept.surplus()).toEqual(all.slice(1, 17));
  const large = entry("large", 2 ** 30);
  kept.add("large", large, ["w"]);
  kept.letGo(large);
  expect(kept.surplus()).toEqual([...all.slice(1, 40), all[0], large]);
});

test("weights whose last entry leaves are kept by one without calls; others are not", () => {
  const kept = new KeptEntries();
  const [one, two] = [entry("train@2"), entry("train@3")];
  for (const added of [one, two]) kept.add(added.name, added, ["w"]);
  expect(kept.keeperFor([one])).toBeUndefined();
  const keeper = kept.keeperFor([one, two]) as Entry;
  expect(keeper).toMatchObject({ blocks: [block("parameters")], buffers: one.buffers, calls: [] });
  kept.addKeeper(keeper);
  const birth = kept.birthOf("parameters");
  for (const leaving of [one, two]) kept.remove(leaving);
  expect(kept.birthOf("parameters")).toBe(birth);
  expect(kept.birthOf("train@2/scratch0")).toBe(0);
  expect(kept.keeperFor([])).toBeUndefined();
  kept.add("train@2", one, ["w"]);
  expect(kept.birthOf("train@2/scratch0")).toBeGreaterThan(birth);
  expect(kept.nameFor("train@2")).toBe("train@2#2");
  expect(kept.nameFor("train@3")).toBe("train@3");
});
