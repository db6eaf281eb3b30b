/** One choice in a fresh process, then the same choice again from memory: prints one JSON object. */
import { parseArgs } from "node:util";
import { pickFastest } from "@hone/core";
import { zoo } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "cnn" },
    mode: { type: "string", default: "train" },
    steps: { type: "string", default: "10000" },
    backends: { type: "string", default: "cpu,wasm" },
  },
});
const makers = { cpu, wasm, webgpu };
const { create, defaults } = zoo[values.model];
const model = create({ seed: 1 });
const mode = values.mode;
const options = {
  for: model,
  mode,
  batchSize: mode === "train" ? defaults.batchSize : 1,
  steps: Number(values.steps),
  optimizer: defaults.optimizer,
};
const names = values.backends.split(",");

async function timed(action) {
  const beganMs = performance.now();
  const result = await action();
  return [result, performance.now() - beganMs];
}

try {
  const backends = names.map((name) => makers[name]());
  const [device, raceMs] = await timed(() => pickFastest(backends, options));
  await device.close();
  const [again, cachedMs] = await timed(() => pickFastest(backends, options));
  await again.close();
  const { candidates, why } = device;
  console.log(JSON.stringify({ chosen: candidates[0].name, raceMs, cachedMs, candidates, why }));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
