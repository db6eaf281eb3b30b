/** A small model in training: repeats to the bit, splits to the bit, and memory that stays as it is. */
import type { Device, TypedArray } from "@hone/core/backend";
import { type Check, type CheckContext, expectNoFaults, expectThat } from "../check.js";
import { largestDifference } from "../compare.js";
import { smallModelFor, smallRows } from "../models/small-model.js";
import { type Trainee, Trainer } from "../models/trainer.js";

const BATCH = 4;
const data = smallRows(40);

interface Split {
  readonly seed?: number;
  /** Lengths of the ranges the steps are run in. */
  readonly ranges: readonly number[];
}

/** All weights and losses after training. */
async function trained(
  device: Device,
  model: Trainee,
  { seed = 1, ranges }: Split,
): Promise<TypedArray[]> {
  const steps = ranges.reduce((sum, length) => sum + length, 0);
  const trainer = await Trainer.open(device, model, data, { batch: BATCH, steps: 64, seed });
  let first = 0;
  for (const length of ranges) {
    trainer.run(BATCH, first, length);
    first += length;
  }
  const results = await trainer.executable.read([...trainer.memory, "metrics"]);
  const losses = await trainer.losses(0, steps);
  trainer.dispose();
  expectThat(losses.every(Number.isFinite), `losses are [${losses}]`);
  return results;
}

function bytesOf(values: readonly TypedArray[]): string {
  return values
    .map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))
    .map((bytes) => bytes.join())
    .join(";");
}

async function expectSameBytes(context: CheckContext, a: Split, b: Split, same = true) {
  const device = await context.device();
  const model = await smallModelFor(context);
  const [left, right] = [await trained(device, model, a), await trained(device, model, b)];
  expectThat(
    (bytesOf(left) === bytesOf(right)) === same,
    same ? "bytes differ" : "bytes are equal",
  );
}

/** Frees what is no longer used and gives the bytes still used; undefined outside of Node. */
function heapBytes(): number | undefined {
  const node = globalThis.process?.getBuiltinModule;
  if (!node) return undefined;
  node("node:v8").setFlagsFromString("--expose-gc");
  const collect = node("node:vm").runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const MOST_HEAP_GROWTH_BYTES = 400_000;
const LONG_RUN = 2000;
const WARM_UP = 200;
const RANGE = 20;

export const trainingChecks: readonly Check[] = [
  {
    name: "the same seed twice gives the same bytes, another seed does not",
    run: async (context) => {
      await expectSameBytes(context, { ranges: [40] }, { ranges: [40] });
      await expectSameBytes(context, { ranges: [40] }, { ranges: [40], seed: 2 }, false);
      return undefined;
    },
  },
  {
    name: "steps split into ranges give the same bytes",
    run: async (context) => {
      await expectSameBytes(context, { ranges: [40] }, { ranges: [1, 7, 30, 2] });
      return undefined;
    },
  },
  {
    name: "batches of two sizes train one set of weights, as on the reference",
    run: async (context) => {
      const model = await smallModelFor(context);
      const after = async (device: Device) => {
        const options = { batch: BATCH, steps: 16, seed: 3 };
        const trainer = await Trainer.open(device, model, data, options);
        await trainer.prepare(3, BATCH);
        trainer.run(BATCH, 0, 4);
        trainer.run(3, 4, 1);
        trainer.run(BATCH, 5, 3);
        const values = await trainer.executable.read(trainer.memory);
        const names = trainer.memory;
        trainer.dispose();
        return new Map(names.map((name, at) => [name, values[at] as TypedArray]));
      };
      const [found, wanted] = [
        await after(await context.device()),
        await after(await context.reference()),
      ];
      expectNoFaults(
        [...wanted].flatMap(([name, values]) => {
          const apart = largestDifference(found.get(name) as TypedArray, values);
          return apart <= 1e-4 ? [] : [`${name} is apart by ${apart}`];
        }),
      );
      return undefined;
    },
  },
  {
    name: "the device holds no more after 2,000 steps, and the JavaScript heap stays flat",
    run: async (context) => {
      const device = await context.device();
      const options = { batch: BATCH, steps: WARM_UP + 2 * LONG_RUN, seed: 1 };
      const trainer = await Trainer.open(device, await smallModelFor(context), data, options);
      const runSteps = async (first: number, steps: number) => {
        for (let done = 0; done < steps; done += RANGE) {
          trainer.run(BATCH, first + done, RANGE);
          if (done % (5 * RANGE) === 0) await trainer.executable.sync();
        }
        await trainer.executable.sync();
      };
      await runSteps(0, WARM_UP);
      const memory = await device.memory();
      const growthOver = async (first: number) => {
        const before = heapBytes() ?? 0;
        await runSteps(first, LONG_RUN);
        return (heapBytes() ?? 0) - before;
      };
      let [steps, growth] = [WARM_UP + LONG_RUN, await growthOver(WARM_UP)];
      // An adapter with much JavaScript has more of it compiled meanwhile, once; a leak grows again.
      if (growth >= MOST_HEAP_GROWTH_BYTES) {
        growth = await growthOver(steps);
        steps += LONG_RUN;
      }
      const memoryAfter = await device.memory();
      const [lastLoss] = await trainer.losses(steps - 1, 1);
      trainer.dispose();
      expectThat(Number.isFinite(lastLoss), `the last loss is ${lastLoss}`);
      expectThat(
        memory.bytes === memoryAfter.bytes && memory.allocations === memoryAfter.allocations,
        `the device held ${JSON.stringify(memory)}, then ${JSON.stringify(memoryAfter)}`,
      );
      expectThat(growth < MOST_HEAP_GROWTH_BYTES, `the heap grew by ${growth} bytes`);
      return `heap growth ${growth} bytes`;
    },
  },
  {
    name: "what executables and data sets held is free again after dispose",
    run: async (context) => {
      const device = await context.device();
      const before = await device.memory();
      const model = await smallModelFor(context);
      const open = () => Trainer.open(device, model, data, { batch: BATCH, steps: 8 });
      const trainers = [await open(), await open()];
      for (const trainer of trainers) trainer.run(BATCH, 0, 8);
      await trainers[0]?.executable.sync();
      const during = await device.memory();
      for (const trainer of trainers) trainer.dispose();
      const after = await device.memory();
      expectThat(
        during.bytes > before.bytes && during.allocations > before.allocations,
        `memory in use is ${JSON.stringify(during)}, before it was ${JSON.stringify(before)}`,
      );
      expectThat(
        after.bytes === before.bytes && after.allocations === before.allocations,
        `before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`,
      );
      return `${during.bytes - before.bytes} bytes for two`;
    },
  },
];
