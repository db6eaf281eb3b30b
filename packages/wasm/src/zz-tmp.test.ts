import { cnn, mlp } from "@hone/core/models";
import { traceModel, planEntry, predictionStep, atBatch, readWeights } from "@hone/core/internals";
import { test } from "vitest";
import { wasm } from "./index.js";

test("t", async () => {
  for (const [name, model] of [["cnn", cnn({ seed: 1 })], ["mlp", mlp({ seed: 1 })]] as const) {
      const device = await wasm({ worker: false, threads: 1 }).open();
      const traced = traceModel(model as never, {});
      const entry = planEntry("p", predictionStep(atBatch(traced.inference, 1)), device.target);
      const ex = await device.load({ entries: [entry] });
      readWeights(model as never).forEach((w, i) => ex.write(traced.weights[i]!.name, w));
      const x = Float32Array.from({ length: 784 }, (_, i) => Math.abs(Math.sin(i)));
      const time = (f: () => void, n = 20000) => { f(); const s = performance.now(); for (let i = 0; i < n; i++) f(); return (1000 * (performance.now() - s) / n).toFixed(2); };
      const timeA = async (f: () => Promise<unknown>, n = 20000) => { await f(); const s = performance.now(); for (let i = 0; i < n; i++) await f(); return (1000 * (performance.now() - s) / n).toFixed(2); };
      const fs = () => x.findIndex((v) => !Number.isFinite(v));
      const fl = () => { for (let i = 0; i < x.length; i++) if (!Number.isFinite(x[i]!)) return i; return -1; };
      const zr = () => { let s = 0; for (let i = 0; i < x.length; i++) s += x[i]! * 0; return s === 0 };
      for (let r = 0; r < 2; r++) {
      console.log(name, "run", time(() => ex.run("p", { first: 0, steps: 1 })),
        "run100", Number(time(() => ex.run("p", { first: 0, steps: 100 }), 300)) / 100,
        "write", time(() => ex.write("input@1", x)), "read", await timeA(() => ex.read(["output@1"])),
        "findIndex", time(fs), "loop", time(fl), "zero", time(zr), "input", time(() => { new Float32Array(784).set(x) }));
      }
      for (const k of await ex.profile!("p", { first: 0, steps: 2000 })) console.log(k.kernel, (k.microseconds / 2000).toFixed(2));
      console.log(JSON.stringify(entry.calls.map((c) => [c.op, c.inputs.map((i) => i.shape), c.outputs.map((o) => o.shape)])));
      await device.close();
  }
}, 100000);
