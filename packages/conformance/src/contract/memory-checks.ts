/** Blocks, writes, reads and runs: what takes effect, and in which order. */
import type { Executable, TypedArray } from "@hone/core/backend";
import { type Check, expectThat } from "../check.js";
import {
  countEntry,
  LENGTH,
  negateEntry,
  pickEntry,
  risingRates,
  toyColumn,
  withCounter,
  withLoaded,
} from "./toy-entries.js";

const filled = (value: number) => new Float32Array(LENGTH).fill(value);

async function readOne(executable: Executable, buffer: string): Promise<TypedArray> {
  const [values] = await executable.read([buffer]);
  return values as TypedArray;
}

function expectAll(values: TypedArray | undefined, wanted: number, what: string): void {
  const found = [...(values ?? [])];
  const same = found.length > 0 && found.every((value) => value === wanted);
  expectThat(same, `${what}: [${found}] instead of ${wanted} throughout`);
}

/** The common form: a counting executable on the shared device. */
const counting = (name: string, body: (executable: Executable) => Promise<void>): Check => ({
  name,
  run: async (context) => {
    await withCounter(await context.device(), body);
    return undefined;
  },
});

export const memoryChecks: readonly Check[] = [
  {
    name: "memory begins as zeros",
    run: async (context) => {
      const device = await context.device();
      await withLoaded(device, [countEntry(device), negateEntry(device)], async (executable) => {
        executable.run("negate", { first: 0, steps: 1 });
        const [counter, negated] = await executable.read(["counter", "negated"]);
        expectAll(counter, 0, "counter");
        expectThat(
          [...(negated ?? [])].every((value) => value === 0),
          `minus nothing is [${negated}]`,
        );
      });
      return undefined;
    },
  },
  {
    name: "entries share blocks of one name, also one prepared later",
    run: async (context) => {
      const device = await context.device();
      await withLoaded(device, [countEntry(device)], async (executable) => {
        executable.write("rates", risingRates);
        executable.write("counter", filled(7));
        executable.run("count", { first: 0, steps: 1 });
        await executable.prepare(negateEntry(device));
        executable.run("negate", { first: 0, steps: 1 });
        expectAll(await readOne(executable, "negated"), -6, "minus the counter");
        executable.run("count", { first: 1, steps: 1 });
        executable.run("negate", { first: 0, steps: 1 });
        expectAll(await readOne(executable, "negated"), -4, "after another step");
      });
      return undefined;
    },
  },
  counting("writes, runs and reads take effect in the order they are made", async (executable) => {
    const before = executable.read(["counter"]);
    executable.run("count", { first: 0, steps: 1 });
    const between = executable.read(["counter"]);
    executable.write("counter", filled(50));
    executable.run("count", { first: 1, steps: 1 });
    const after = executable.read(["counter"]);
    executable.write("counter", filled(0));
    expectAll((await before)[0], 100, "before the run");
    expectAll((await between)[0], 99, "between the runs");
    expectAll((await after)[0], 48, "after the second write and run");
    expectAll(await readOne(executable, "counter"), 0, "after the last write");
  }),
  counting("reads with no run between them are one snapshot", async (executable) => {
    executable.run("count", { first: 0, steps: 40 });
    const reads = [
      executable.read(["counter"]),
      executable.read(["mirror", "counter"]),
      executable.read(["mirror"]),
    ];
    executable.run("count", { first: 40, steps: 20 });
    const values = (await Promise.all(reads)).flat();
    for (const [at, value] of values.entries()) expectAll(value, 100 - 820, `buffer ${at}`);
  }),
  counting("an array is the caller's own again once write has returned", async (executable) => {
    const values = filled(30);
    executable.write("counter", values);
    values.fill(-1);
    executable.run("count", { first: 0, steps: 1 });
    expectAll(await readOne(executable, "counter"), 29, "the counter");
  }),
  counting("what a read gives is a copy", async (executable) => {
    const values = await readOne(executable, "counter");
    values.fill(-1);
    expectAll(await readOne(executable, "counter"), 100, "the counter");
  }),
  counting("a shorter array changes the start of a buffer alone", async (executable) => {
    executable.write("counter", Float32Array.of(1, 2));
    const found = await readOne(executable, "counter");
    expectThat(`${[...found]}` === "1,2,100,100,100", `the counter is [${found}]`);
  }),
  counting("a range of steps is as many single steps", async (executable) => {
    executable.run("count", { first: 2, steps: 7 });
    const together = await readOne(executable, "counter");
    executable.write("counter", filled(100));
    for (let step = 2; step < 9; step++) executable.run("count", { first: step, steps: 1 });
    const singly = await readOne(executable, "counter");
    expectAll(together, 100 - 42, "seven steps at once");
    expectAll(singly, 100 - 42, "seven steps one by one");
  }),
  counting("a range of no steps changes nothing", async (executable) => {
    executable.run("count", { first: 0, steps: 0 });
    expectAll(await readOne(executable, "counter"), 100, "the counter");
  }),
  counting(
    "a sync with nothing to wait for, and a read of nothing, resolve",
    async (executable) => {
      await executable.sync();
      const nothing = await executable.read([]);
      expectThat(nothing.length === 0, `a read of nothing gave ${nothing.length} arrays`);
    },
  ),
  {
    name: "one data set serves two executables, and another takes its place from the next run on",
    run: async (context) => {
      const device = await context.device();
      const [first, second] = [
        await device.upload(toyColumn(6, 0)),
        await device.upload(toyColumn(9, 100)),
      ];
      expectThat(first.rows === 6 && second.rows === 9, `rows: ${first.rows} and ${second.rows}`);
      const pick = (executable: Executable, step: number) => {
        executable.run("pick", { first: step, steps: 1 });
        return executable.read(["picked"]);
      };
      await withLoaded(device, [pickEntry(device)], (one) =>
        withLoaded(device, [pickEntry(device)], async (other) => {
          one.bind("toy.x", first);
          other.bind("toy.x", first);
          const found = [pick(one, 0), pick(other, 2)];
          one.bind("toy.x", second);
          found.push(pick(one, 3), pick(other, 1));
          const shown = (await Promise.all(found)).map(([values]) => [...(values ?? [])].join(" "));
          const wanted = ["0 0 0 1 1 1", "4 4 4 5 5 5", "106 106 106 107 107 107", "2 2 2 3 3 3"];
          expectThat(`${shown}` === `${wanted}`, `picked ${shown} instead of ${wanted}`);
        }),
      );
      first.dispose();
      second.dispose();
      return undefined;
    },
  },
];
