/** Misuse is told by the next read or sync, in a HoneError, and breaks nothing else. */
import type { Device, Entry, ErrorKind, Executable } from "@hone/core/backend";
import { GraphBuilder, otherVersion, planEntry } from "@hone/core/internals";
import { type Check, expectThat } from "../check.js";
import { errorOf, expectCounting } from "./expectations.js";
import {
  LENGTH,
  negateEntry,
  pickEntry,
  toyColumn,
  withCounter,
  withLoaded,
} from "./toy-entries.js";

type Misuse = (executable: Executable, device: Device) => Promise<void> | void;

const MISUSES: readonly (readonly [what: string, kind: ErrorKind, misuse: Misuse])[] = [
  ["a write to an unknown buffer", "BadArgument", (it) => it.write("nowhere", new Float32Array(1))],
  [
    "a write longer than its buffer",
    "ShapeMismatch",
    (it) => it.write("counter", new Float32Array(LENGTH + 1)),
  ],
  [
    "whole numbers for a buffer of floats",
    "BadData",
    (it) => it.write("counter", new Int32Array(LENGTH)),
  ],
  ["a run of an unknown entry", "BadArgument", (it) => it.run("nothing", { first: 0, steps: 1 })],
  ["forgetting an unknown entry", "BadArgument", (it) => it.forget("nothing")],
];

/** Loading and preparing the entry fail with that kind, leave nothing behind, and what is loaded goes on. */
async function expectRefused(device: Device, entry: Entry, what: string, kind: ErrorKind) {
  await withCounter(device, async (executable) => {
    const before = await device.memory();
    await errorOf(device.load({ entries: [entry] }), `loading ${what}`, kind);
    await errorOf(executable.prepare(entry), `preparing ${what}`, kind);
    const after = await device.memory();
    expectThat(
      before.bytes === after.bytes && before.allocations === after.allocations,
      `after ${what} the device holds ${JSON.stringify(after)}, before ${JSON.stringify(before)}`,
    );
    await expectCounting(executable, what);
  });
}

/** An entry that does `op` on a tensor of `length` floats. */
function unaryEntry(op: string, length: number, target: Device["target"]): Entry {
  const builder = new GraphBuilder();
  const wide = builder.persistent("wide", "metric", [length]);
  builder.opInto(op, [wide], builder.persistent("result", "metric", [length]));
  return planEntry("wide", builder.build(), target);
}

export const failureChecks: readonly Check[] = [
  ...MISUSES.map(
    ([what, kind, misuse]): Check => ({
      name: `${what} is told by the next sync or read, once`,
      run: async (context) => {
        const device = await context.device();
        await withCounter(device, async (executable) => {
          await misuse(executable, device);
          await errorOf(executable.sync(), what, kind);
          await executable.sync();
          await misuse(executable, device);
          await errorOf(executable.read(["counter"]), what, kind);
          await expectCounting(executable, what);
        });
        return undefined;
      },
    }),
  ),
  {
    name: "an unknown buffer cannot be read",
    run: async (context) => {
      await withCounter(await context.device(), async (executable) => {
        await errorOf(executable.read(["counter", "nowhere"]), "an unknown buffer", "BadArgument");
        await expectCounting(executable, "a read that failed");
      });
      return undefined;
    },
  },
  {
    name: "an entry that does not fit is refused and leaves the others as they were",
    run: async (context) => {
      const device = await context.device();
      await withCounter(device, async (executable) => {
        const longer = negateEntry(device, "longer", 200 * LENGTH);
        await errorOf(executable.prepare(longer), "a block of another size", "ShapeMismatch");
        const again = executable.prepare(negateEntry(device));
        await errorOf(again, "a second entry of one name", "BadArgument");
        await expectCounting(executable, "a refused entry");
      });
      return undefined;
    },
  },
  {
    name: "a block larger than the device holds is OutOfMemory, to the byte",
    run: async (context) => {
      const device = await context.device();
      const { maxBlockBytes } = device.target;
      const small = negateEntry(device, "large");
      const large = { name: "large", kind: "memory", bytes: maxBlockBytes + 1 } as const;
      const entry = { ...small, blocks: [...small.blocks, large] };
      await expectRefused(device, entry, "a block of a byte more", "OutOfMemory");
      const floats = Math.floor((8 * maxBlockBytes) / device.target.precision);
      unaryEntry("Neg", floats, device.target);
      const planned = (async () => unaryEntry("Neg", floats + 1, device.target))();
      await errorOf(planned, "planning a tensor of an element more", "OutOfMemory");
      return `${maxBlockBytes} bytes`;
    },
  },
  {
    name: "an op that the device has not is LacksOp",
    run: async (context) => {
      const device = await context.device();
      const { target } = device;
      const known = negateEntry(device, "unknown");
      const calls = known.calls.map((call) => ({ ...call, op: "NoSuchOp" }));
      await expectRefused(device, { ...known, calls }, "an unknown op", "LacksOp");
      const ops = target.ops.filter((op) => op !== "Neg");
      const planned = (async () => unaryEntry("Neg", 1, { ...target, ops }))();
      const error = await errorOf(planned, "planning an op that is lacking", "LacksOp");
      expectThat(error.message.includes("lacks Neg."), `planning says "${error.message}"`);
      return undefined;
    },
  },
  {
    name: "an entry that reads a data set does not run before one is bound",
    run: async (context) => {
      const device = await context.device();
      await withLoaded(device, [pickEntry(device)], async (executable) => {
        executable.run("pick", { first: 0, steps: 1 });
        await errorOf(executable.sync(), "a run without data", "BadArgument");
        const data = await device.upload(toyColumn(6, 0));
        executable.bind("toy.x", data);
        executable.run("pick", { first: 1, steps: 1 });
        const [picked] = await executable.read(["picked"]);
        expectThat(picked?.[0] === 2, `picked [${picked}]`);
        data.dispose();
      });
      return undefined;
    },
  },
  {
    name: "a data set with a ragged column, or columns of different length, is refused",
    run: async (context) => {
      const device = await context.device();
      const short = { data: new Uint8Array(6), rowLength: 3 };
      const long = { data: new Float32Array(9), rowLength: 3 };
      await errorOf(device.upload({ a: short, b: long }), "two counts of rows", "BadData");
      const ragged = { data: new Int32Array(7), rowLength: 3 };
      await errorOf(device.upload({ a: ragged }), "a ragged column", "BadData");
      return undefined;
    },
  },
  {
    name: "a disposed executable says so, and can be disposed twice",
    run: async (context) => {
      const device = await context.device();
      const executable = await device.load({ entries: [negateEntry(device)] });
      executable.dispose();
      executable.dispose();
      await errorOf(executable.read(["negated"]), "a read after dispose", "BadArgument");
      await errorOf(executable.sync(), "a sync after dispose", "BadArgument");
      const more = executable.prepare(negateEntry(device, "more"));
      await errorOf(more, "a prepare after dispose", "BadArgument");
      return undefined;
    },
  },
  {
    name: "a closed device tells that it was meant to be, refuses work, and closes twice",
    run: async ({ backend }) => {
      const device = await backend.open();
      const executable = await device.load({ entries: [negateEntry(device)] });
      await device.close();
      await device.close();
      const lost = await device.lost;
      expectThat(lost.expected, `it is lost unexpectedly: ${lost.reason}`);
      await errorOf(device.load({ entries: [] }), "a load after close", "DeviceLost");
      await errorOf(device.upload(toyColumn(2, 0)), "an upload after close", "DeviceLost");
      await errorOf(executable.read(["negated"]), "a read after close", "DeviceLost");
      return undefined;
    },
  },
  {
    name: "a probe says what the device then says of itself, in plain data",
    run: async (context) => {
      const probe = await context.backend.probe();
      expectThat(probe.ok, `the probe says: ${probe.ok ? "" : probe.reason}`);
      const { info, target } = await context.device();
      expectThat(
        JSON.stringify(probe.info) === JSON.stringify(info),
        `the probe says ${JSON.stringify(probe.info)}, the device ${JSON.stringify(info)}`,
      );
      expectThat(
        JSON.stringify(structuredClone(target)) === JSON.stringify(target),
        "the target is not plain data",
      );
      for (const speaker of [context.backend, target]) {
        const problem = otherVersion(speaker);
        expectThat(problem === undefined, `${problem}`);
      }
      return `${info.description}, ${info.numerics}`;
    },
  },
];
