/** Entries come and go: what `forget` frees, and what it must leave. */
import type { Device, Entry, Executable, MemoryUse, TypedArray } from "@hone/core/backend";
import { GraphBuilder, planEntry } from "@hone/core/internals";
import { type Check, expectThat } from "../check.js";
import { largestDifference } from "../compare.js";
import { smallModelFor, smallRows } from "../models/small-model.js";
import { Trainer } from "../models/trainer.js";
import { errorOf, expectCounting } from "./expectations.js";
import {
  countEntry,
  LENGTH,
  pickEntry,
  risingRates,
  toyColumn,
  withCounter,
} from "./toy-entries.js";

/** `wide` rows of something become `result`, by way of scratch and a constant; it reads the counter as well. */
function wideEntry(device: Device, name: string, rows: number): Entry {
  const builder = new GraphBuilder();
  const counter = builder.persistent("counter", "metric", [LENGTH]);
  const wide = builder.persistent(`wide${rows}`, "input", [rows, LENGTH]);
  const constant = Float64Array.from({ length: LENGTH }, (_, at) => at);
  const sum = builder.op("Add", [wide, counter]);
  const more = builder.op("Multiply", [sum, builder.constant(constant, [LENGTH])]);
  builder.opInto("Neg", [more], builder.persistent(`result${rows}`, "metric", [rows, LENGTH]));
  return planEntry(name, builder.build(), device.target);
}

/** Of the first row: -((input + counter) · place). */
async function expectWide(executable: Executable, name: string, rows: number): Promise<void> {
  executable.write("counter", new Float32Array(LENGTH).fill(10));
  executable.write(`wide${rows}`, new Float32Array(rows * LENGTH).fill(1));
  executable.run(name, { first: 0, steps: 1 });
  const [result] = await executable.read([`result${rows}`]);
  const shown = `${[...(result?.subarray(0, LENGTH) ?? [])].map((value) => value + 0)}`;
  expectThat(shown === "0,-11,-22,-33,-44", `${name} gives [${shown}]`);
}

async function memoryOf(device: Device, executable: Executable): Promise<MemoryUse> {
  await executable.sync();
  return device.memory();
}

function expectSameMemory(found: MemoryUse, wanted: MemoryUse, what: string): void {
  const same = found.bytes === wanted.bytes && found.allocations === wanted.allocations;
  expectThat(same, `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

const counting = (
  name: string,
  body: (executable: Executable, device: Device) => Promise<void>,
): Check => ({
  name,
  run: async (context) => {
    const device = await context.device();
    await withCounter(device, (executable) => body(executable, device));
    return undefined;
  },
});

const RISING = 40;
/** What the first forty rates are together. */
const RISEN = (RISING * (RISING + 1)) / 2;

export const forgetChecks: readonly Check[] = [
  counting(
    "a forgotten entry leaves memory as it was, and may be prepared anew",
    async (it, device) => {
      // The most rows come first: what a device keeps for reading, it has then.
      await it.prepare(wideEntry(device, "first", 500));
      await expectWide(it, "first", 500);
      const before = await memoryOf(device, it);
      for (const rows of [400, 7, 400]) {
        await it.prepare(wideEntry(device, "wide", rows));
        await expectWide(it, "wide", rows);
        it.forget("wide");
        expectSameMemory(await memoryOf(device, it), before, `after ${rows} rows`);
      }
      await expectWide(it, "first", 500);
      await expectCounting(it, "forgetting");
    },
  ),
  counting("steps and reads asked for before an entry is forgotten see it whole", async (it) => {
    it.run("count", { first: 0, steps: RISING });
    const mirror = it.read(["mirror"]);
    it.forget("count");
    const [counter] = await it.read(["counter"]);
    for (const values of [counter, (await mirror)[0]]) {
      const shown = `${[...(values ?? [])]}`;
      const wanted = `${new Array(LENGTH).fill(100 - RISEN)}`;
      expectThat(shown === wanted, `counted to [${shown}] instead of [${wanted}]`);
    }
    await errorOf(it.read(["mirror"]), "a buffer that no entry names", "BadArgument");
    it.run("count", { first: 0, steps: 1 });
    await errorOf(it.sync(), "a run of a forgotten entry", "BadArgument");
  }),
  counting("what others name keeps its values, all else is zeros again", async (it, device) => {
    it.run("count", { first: 0, steps: RISING });
    it.forget("count");
    await it.prepare(countEntry(device));
    // Its rates are zeros now.
    it.run("count", { first: 0, steps: RISING });
    const values = await it.read(["counter", "mirror"]);
    const shown = values.map((array) => array[0]);
    const wanted = [100 - RISEN, 0];
    expectThat(`${shown}` === `${wanted}`, `counter and mirror are ${shown}, not ${wanted}`);
    it.write("rates", risingRates);
    await expectCounting(it, "preparing anew");
  }),
  counting("an entry is forgotten also while a failure waits", async (it, device) => {
    it.write("nowhere", new Float32Array(1));
    it.forget("count");
    await errorOf(it.sync(), "the write before it", "BadArgument");
    await it.prepare(countEntry(device));
    it.write("rates", risingRates);
    await expectCounting(it, "a failure and a forgotten entry");
  }),
  counting(
    "a forgotten entry reads the data set that was bound before it ran",
    async (it, device) => {
      const [first, second] = [
        await device.upload(toyColumn(6, 0)),
        await device.upload(toyColumn(6, 100)),
      ];
      await it.prepare(pickEntry(device));
      it.bind("toy.x", first);
      it.run("count", { first: 0, steps: RISING });
      it.bind("toy.x", second);
      it.run("pick", { first: 1, steps: 1 });
      const picked = it.read(["picked"]);
      it.forget("pick");
      await it.prepare(pickEntry(device, "again"));
      it.run("again", { first: 0, steps: 1 });
      const shown = (await Promise.all([picked, it.read(["picked"])])).map(([array]) => array?.[0]);
      expectThat(`${shown}` === "102,100", `picked ${shown} instead of 102,100`);
      first.dispose();
      second.dispose();
    },
  ),
  {
    name: "training goes on to the bit while entries of other batch sizes come and go",
    run: async (context) => {
      const device = await context.device();
      const model = await smallModelFor(context);
      /** Four steps between which those of other sizes take one each, their entries kept or forgotten. */
      const trained = async (forgets: boolean) => {
        const options = { batch: 4, steps: 16, seed: 3 };
        const trainer = await Trainer.open(device, model, smallRows(40), options);
        const { executable } = trainer;
        const held: MemoryUse[] = [];
        for (const [index, rows] of [3, 2, 3, 2].entries()) {
          if (forgets || index < 2) await trainer.prepare(rows, 4);
          trainer.run(rows, 2 * index, 1);
          trainer.run(4, 2 * index + 1, 1);
          if (forgets) executable.forget(`train@${rows}`);
          held.push(await memoryOf(device, executable));
        }
        const values = await executable.read(trainer.memory);
        trainer.dispose();
        return { values, held };
      };
      const [kept, forgotten] = [await trained(false), await trained(true)];
      for (const use of forgotten.held) {
        expectSameMemory(use, forgotten.held[0] as MemoryUse, "after another batch size");
      }
      const apart = kept.values.map((values, at) =>
        largestDifference(forgotten.values[at] as TypedArray, values),
      );
      expectThat(Math.max(...apart) === 0, `weights and slots are apart by ${apart}`);
      return undefined;
    },
  },
];
