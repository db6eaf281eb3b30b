import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { type Reasons, SILENT, testClosings, testLosses } from "./test/losses.js";

declare const __HONE_SOAK__: boolean;

const seldom = { times: 1 };
const slow = { times: 1, patienceMs: 2000 };

// A page hears nothing of a worker that was ended from outside: there "terminate worker" is silence.
const ofWorkers: Reasons = {
  "terminate worker": SILENT,
  "throw in worker": /thrown where nobody catches/,
  "spin worker": SILENT,
  "mute worker": SILENT,
  "hang sync": SILENT,
};
const ofWasm: Reasons = {
  ...ofWorkers,
  "trap wasm": /failed: (table index is out of bounds|unreachable)/,
};
const ofThreads: Reasons = {
  ...ofWasm,
  "trap helper": /a helper thread failed: unreachable/,
  "terminate helper": /a helper thread ended/,
};
const ofGpus: Reasons = { "destroy GPU device": /destroy/i, "hang sync": SILENT };

const stuck = ["work", "spin worker", "mute worker"] as const;

testLosses("wasm, 3 threads", () => wasm({ threads: 3, shareFrom: 0 }), ofThreads, seldom);
// A worker's silence is heard alike whatever it computes with, and above it was that of wasm.
const ofWebgpu: Reasons = { "terminate worker": SILENT, ...ofGpus };
testLosses(
  "webgpu in a worker",
  () => webgpu(),
  __HONE_SOAK__ ? { ...ofWorkers, ...ofWebgpu } : ofWebgpu,
  slow,
);
// These have less that can be lost than the two above.
if (__HONE_SOAK__) {
  testLosses("cpu", () => cpu(), ofWorkers, seldom);
  testLosses("wasm, 1 thread", () => wasm({ threads: 1 }), ofWasm, seldom);
  testLosses("webgpu in the page", () => webgpu({ worker: false }), ofGpus, slow);
  testClosings("cpu", () => cpu(), stuck, 1);
  testClosings("wasm, 1 thread", () => wasm({ threads: 1 }), stuck, 1);
  testClosings("webgpu in a worker", () => webgpu(), stuck, 1);
}
testClosings("wasm, 3 threads", () => wasm({ threads: 3, shareFrom: 0 }), stuck, 1);
