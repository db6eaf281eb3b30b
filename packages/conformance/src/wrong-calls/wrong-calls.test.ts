/**
 * What plain JavaScript lets through: every public function and method, each of its places with each strange
 * value in it. Whatever is refused is refused in words, and what may not pass does not.
 */
import "@tensorflow/tfjs-backend-cpu";
import { isHoneError } from "@hone/core";
import { setBackend } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { type Call, STRANGE } from "./test/call.js";
import { pureCalls, sessionCalls } from "./test/core-calls.js";
import { backendCalls, benchCalls, dataCalls, reportCalls } from "./test/other-calls.js";

/** What a message must not hold: a value's source, or what an engine says of our own lines. */
const careless = /\[object|=>|is not a function|is not iterable|Cannot read|undefined \(reading/;

async function faultsOf({ name, call, fine }: Call): Promise<string[]> {
  const faults: string[] = [];
  for (const [what, given] of STRANGE) {
    try {
      await call(given);
      const allowed = fine === "all" || what === "undefined" || fine.includes(what);
      if (!allowed) faults.push(`${name} takes ${what}`);
    } catch (error) {
      const typed = isHoneError(error) && error.kind !== "Internal";
      if (typed && !careless.test(error.message)) continue;
      const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
      faults.push(`${name} of ${what} ends in ${told.slice(0, 200)}`);
    }
  }
  return faults;
}

test.each([
  ["core's data, optimizers, schedules, models and files", async () => pureCalls()],
  ["sessions, programs and picking", sessionCalls],
  ["@hone/data", async () => dataCalls()],
  ["@hone/report", async () => reportCalls()],
  ["@hone/bench", async () => benchCalls()],
  ["the backends", async () => backendCalls()],
])("wrong calls of %s are refused in words", async (_, made) => {
  await setBackend("cpu");
  const faults: string[] = [];
  for (const call of await made()) faults.push(...(await faultsOf(call)));
  expect(faults).toEqual([]);
});

test("at least 237 kinds of calls are tried", async () => {
  await setBackend("cpu");
  const all = [
    pureCalls(),
    await sessionCalls(),
    dataCalls(),
    reportCalls(),
    benchCalls(),
    backendCalls(),
  ];
  expect(new Set(all.flat().map(({ name }) => name)).size).toBeGreaterThan(237);
});
