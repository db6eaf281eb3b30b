import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { type Reasons, SILENT, testClosings, testLosses } from "./test/losses.js";

const isLong = process.env.HONE_SOAK === "1";
const times = isLong ? 30 : 1;

const ofWorkers: Reasons = {
  "terminate worker": /worker ended with code 1/,
  "throw in worker": /thrown where nobody catches/,
  "spin worker": SILENT,
  "mute worker": SILENT,
  "hang sync": SILENT,
};
const ofWasm: Reasons = {
  ...ofWorkers,
  "trap wasm": /a kernel failed: table index is out of bounds/,
};
const ofThreads: Reasons = {
  ...ofWasm,
  // Whoever traps first stops the others.
  "trap wasm": /failed: (table index is out of bounds|unreachable)/,
  "trap helper": /a helper thread failed: unreachable/,
  "end helper": /a helper thread ended/,
  "terminate helper": /a helper thread ended/,
};

testLosses("wasm, 3 threads", () => wasm({ threads: 3, shareFrom: 0 }), ofThreads, { times });
testLosses(
  "webgpu",
  () => webgpu(),
  { "destroy GPU device": /destroy/i, "hang sync": SILENT },
  { times, patienceMs: 2000 },
);

const stuck = ["work", "spin worker", "mute worker"] as const;

testClosings("wasm, 3 threads", () => wasm({ threads: 3, shareFrom: 0 }), stuck, times);
testClosings("webgpu", () => webgpu(), ["work"], times);

// These have less that can be lost than a team of threads.
if (isLong) {
  testLosses("cpu", () => cpu(), ofWorkers, { times });
  testLosses("wasm, 1 thread", () => wasm({ threads: 1 }), ofWasm, { times });
  testClosings("cpu", () => cpu(), stuck, times);
  testClosings("wasm, 1 thread", () => wasm({ threads: 1 }), stuck, times);
}
