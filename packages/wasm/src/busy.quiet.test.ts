/** A team beside another program that never rests. */
import { type ChildProcess, spawn } from "node:child_process";
import { compile, type Dataset, type Session, takeRows } from "@hone/core";
import { createModel } from "@hone/core/models";
import { mnist } from "@hone/data";
import { afterEach, expect, test } from "vitest";
import { wasm } from "./index.js";

const SLICE_MS = 1500;
const PAIRS = 12;

let others: ChildProcess[] = [];
afterEach(() => {
  for (const other of others.splice(0)) other.kill("SIGKILL");
});

/** Programs that compute for ever. */
function keepBusy(programs: number): void {
  others = Array.from({ length: programs }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
}

/** Images a second. */
async function rateOf(session: Pick<Session, "fit">, data: Dataset, rows: number): Promise<number> {
  const beganMs = performance.now();
  let images = 0;
  do {
    await session.fit(data, { epochs: 1 });
    images += rows;
  } while (performance.now() - beganMs < SLICE_MS);
  return (1000 * images) / (performance.now() - beganMs);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

/** Long slices, many of them: the long form alone has the time. */
const soaking = test.skipIf(process.env.HONE_SOAK !== "1");

soaking.each([
  ["mlp", 12_800],
  ["cnn", 3200],
] as const)(
  "beside a busy program a team of all processors trains the %s at 0.95 of the rate of one thread at least",
  async (name, rows) => {
    const data = takeRows((await mnist()).train, 0, rows);
    const opened = await Promise.all(
      [wasm({ threads: 1 }), wasm()].map(async (backend) => {
        const device = await backend.open();
        return { device, session: await compile(createModel(name, { seed: 1 }), { device }) };
      }),
    );
    const [alone, team] = opened as [(typeof opened)[0], (typeof opened)[0]];
    for (const { session } of opened) await rateOf(session, data, rows);
    keepBusy(1);
    const ratios: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      // Which goes first changes: what the machine does by itself may change in their middle.
      const first = pair % 2 === 0 ? await rateOf(team.session, data, rows) : undefined;
      const one = await rateOf(alone.session, data, rows);
      ratios.push((first ?? (await rateOf(team.session, data, rows))) / one);
    }
    for (const { device, session } of opened) {
      session.close();
      await device.close();
    }
    const shown = ratios.map((ratio) => ratio.toFixed(2)).join(" ");
    expect(median(ratios), `team against one thread: ${shown}`).toBeGreaterThan(0.95);
  },
);
