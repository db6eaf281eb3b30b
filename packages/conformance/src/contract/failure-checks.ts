/** Misuse is told by the next read or sync, in a HoneError, and breaks nothing else. */
import type { Device, Executable } from "@hone/core/backend";
import { type Check, expectThat } from "../check.js";
import {
  LENGTH,
  negateEntry,
  pickEntry,
  toyColumn,
  withCounter,
  withLoaded,
} from "./toy-entries.js";

type Misuse = (executable: Executable, device: Device) => Promise<void> | void;

const MISUSES: readonly (readonly [what: string, misuse: Misuse])[] = [
  ["a write to an unknown buffer", (it) => it.write("nowhere", new Float32Array(1))],
  ["a write longer than its buffer", (it) => it.write("counter", new Float32Array(LENGTH + 1))],
  ["whole numbers for a buffer of floats", (it) => it.write("counter", new Int32Array(LENGTH))],
  ["a run of an unknown entry", (it) => it.run("nothing", { first: 0, steps: 1 })],
];

/** The error of a promise that must fail as a HoneError. */
async function errorOf(promise: Promise<unknown>, what: string): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expectThat(error !== undefined, `${what} is not told`);
  expectThat(
    error instanceof Error && error.name === "HoneError" && error.message.startsWith("[hone] "),
    `${what} is told by ${error}, not by a [hone] error`,
  );
  return error;
}

async function expectCounting(executable: Executable, what: string): Promise<void> {
  executable.write("counter", new Float32Array(LENGTH).fill(10));
  executable.run("count", { first: 0, steps: 1 });
  const [counter] = await executable.read(["counter"]);
  expectThat(`${[...(counter ?? [])]}` === "9,9,9,9,9", `after ${what} it counts to [${counter}]`);
}

export const failureChecks: readonly Check[] = [
  ...MISUSES.map(
    ([what, misuse]): Check => ({
      name: `${what} is told by the next sync or read, once`,
      run: async (context) => {
        const device = await context.device();
        await withCounter(device, async (executable) => {
          await misuse(executable, device);
          await errorOf(executable.sync(), what);
          await executable.sync();
          await misuse(executable, device);
          await errorOf(executable.read(["counter"]), what);
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
        await errorOf(executable.read(["counter", "nowhere"]), "an unknown buffer");
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
        await errorOf(executable.prepare(longer), "a block of another length");
        await errorOf(executable.prepare(negateEntry(device)), "a second entry of one name");
        await expectCounting(executable, "a refused entry");
      });
      return undefined;
    },
  },
  {
    name: "an entry that reads a data set does not run before one is bound",
    run: async (context) => {
      const device = await context.device();
      await withLoaded(device, [pickEntry(device)], async (executable) => {
        executable.run("pick", { first: 0, steps: 1 });
        await errorOf(executable.sync(), "a run without data");
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
      await errorOf(device.upload({ a: short, b: long }), "two counts of rows");
      const ragged = { data: new Int32Array(7), rowLength: 3 };
      await errorOf(device.upload({ a: ragged }), "a ragged column");
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
      await errorOf(executable.read(["negated"]), "a read after dispose");
      await errorOf(executable.sync(), "a sync after dispose");
      await errorOf(executable.prepare(negateEntry(device, "more")), "a prepare after dispose");
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
      await errorOf(device.load({ entries: [] }), "a load after close");
      await errorOf(device.upload(toyColumn(2, 0)), "an upload after close");
      await errorOf(executable.read(["negated"]), "a read after close");
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
      expectThat(context.backend.specVersion === 1, "specVersion is not 1");
      return `${info.description}, ${info.numerics}`;
    },
  },
];
