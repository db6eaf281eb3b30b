import { wasm } from "@hone/wasm";
import { describe, test } from "vitest";
import { testBackend } from "./index.js";

const soak = process.env.HONE_SOAK === "1";

testBackend(wasm(), { test, soak });

describe("on one thread, with memory of its own and arithmetic that is not fused", () => {
  testBackend(wasm({ threads: 1, shared: false, relaxed: false }), { test, soak });
});

// Ops and models: what remains is not the kernels' affair. The long form runs all of it.
const kernels = soak ? {} : { only: /agrees? with the reference|every op/ };
for (const relaxed of [true, false]) {
  for (const [shared, threads] of [
    [false, 1],
    [true, 1],
    [true, 2],
    [true, 3],
  ] as const) {
    if (!relaxed && !shared) continue;
    // In the quick form one of each kind: memory of its own, one thread and several, fused or not.
    if (!soak && (relaxed ? threads === 3 : threads !== 3) && shared) continue;
    describe(`relaxed ${relaxed}, shared ${shared}, threads ${threads}`, () => {
      testBackend(wasm({ relaxed, shared, threads, shareFrom: 0 }), {
        test,
        soak,
        ...kernels,
        randomModels: 4,
      });
    });
  }
}
