/**
 * The program of a process that opens devices with helper threads and leaves them to themselves; it
 * is told how as its argument, and prints one line when it has nothing more to do.
 */
import { wasm } from "../index.js";
import { pixels, recurrence } from "./programs.js";

const THREADS = 4;

async function openAndRun(worker: boolean) {
  const device = await wasm({ worker, threads: THREADS }).open();
  const executable = await device.load(recurrence());
  executable.bind("images", await device.upload({ images: pixels }));
  executable.run("step", { first: 0, steps: 100 });
  await executable.sync();
  return device;
}

/** Threads of this process; undefined where the platform does not say. */
function threadCount(): number | undefined {
  const { existsSync, readdirSync } = process.getBuiltinModule("node:fs");
  return existsSync("/proc/self/task") ? readdirSync("/proc/self/task").length : undefined;
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));

/** Threads that are more than after the first device, once those that end have had time to. */
async function threadsLeftBy(devices: number, worker: boolean): Promise<number> {
  await (await openAndRun(worker)).close();
  await pause(500);
  const before = threadCount() ?? 0;
  for (let device = 0; device < devices; device++) await (await openAndRun(worker)).close();
  let left = (threadCount() ?? 0) - before;
  for (let wait = 0; wait < 30 && left > 0; wait++) {
    await pause(100);
    left = (threadCount() ?? 0) - before;
  }
  return left;
}

async function main(): Promise<void> {
  const [how, where] = process.argv.slice(2);
  const worker = where === "worker";
  if (how === "close") {
    console.log(`${await threadsLeftBy(20, worker)} threads left`);
  } else {
    await openAndRun(worker);
    console.log("left open");
  }
}

void main();
