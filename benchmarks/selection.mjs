/**
 * Does `pickFastest` choose well? For the cnn and the mlp, training and single predictions: fresh processes that
 * choose, in turns with fresh processes that measure each backend at leisure by the same objective.
 *
 *     node benchmarks/selection.mjs [--rounds 10] [--steps 10000] [--backends cpu,wasm] [--json FILE]
 */
import { writeFile } from "node:fs/promises";
import os from "node:os";
import { parseArgs } from "node:util";
import { runScript } from "./compare/fresh-process.mjs";
import { onQuietMachine, quietRecord } from "./compare/quiet-machine.mjs";
import { median } from "./compare/statistics.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    steps: { type: "string", default: "10000" },
    backends: { type: "string", default: "cpu,wasm" },
    seconds: { type: "string", default: "1" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(
    "node benchmarks/selection.mjs [--rounds 10] [--steps 10000] [--backends cpu,wasm] [--seconds 1] [--json FILE]",
  );
  process.exit(0);
}
const { steps, backends, seconds } = values;
const names = backends.split(",");
const say = (text) => console.error(`[selection] ${text}`);
const cases = [];

for (const model of ["cnn", "mlp"]) {
  for (const mode of ["train", "predict"]) {
    const picks = [];
    const totals = Object.fromEntries(names.map((name) => [name, []]));
    for (let round = 1; round <= Number(values.rounds); round++) {
      say(`${model} ${mode} round ${round}/${values.rounds}`);
      const pick = () => runScript("hone/pick.mjs", { model, mode, steps, backends });
      picks.push(await onQuietMachine(pick, say));
      // At leisure, so a few rounds of these are enough.
      if (round > 3) continue;
      for (const backend of names) {
        const measure = () =>
          runScript("hone/objective.mjs", { model, mode, steps, backend, seconds });
        totals[backend].push((await onQuietMachine(measure, say)).totalMs);
      }
    }
    const atLeisure = Object.fromEntries(names.map((name) => [name, median(totals[name])]));
    const best = Math.min(...Object.values(atLeisure));
    const off = picks.map(({ chosen }) => atLeisure[chosen] / best);
    const result = {
      model,
      mode,
      atLeisureMs: atLeisure,
      chosen: picks.map(({ chosen }) => chosen),
      worstOverBest: Math.max(...off),
      raceMs: {
        median: median(picks.map((p) => p.raceMs)),
        max: Math.max(...picks.map((p) => p.raceMs)),
      },
      cachedMs: {
        median: median(picks.map((p) => p.cachedMs)),
        max: Math.max(...picks.map((p) => p.cachedMs)),
      },
      why: picks[0].why,
    };
    cases.push(result);
    const { raceMs, cachedMs } = result;
    console.log(
      `${model} ${mode}: chose ${[...new Set(result.chosen)].join(", ")}; at worst ${result.worstOverBest.toFixed(2)} times the best; ` +
        `race ${raceMs.median.toFixed(0)} ms (at most ${raceMs.max.toFixed(0)}), kept choice ${cachedMs.median.toFixed(1)} ms (at most ${cachedMs.max.toFixed(1)})`,
    );
  }
}

if (values.json !== undefined) {
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model}, Node ${process.version}`;
  const record = {
    date: new Date().toISOString().slice(0, 10),
    machine,
    steps: Number(steps),
    quiet: quietRecord(),
    cases,
  };
  await writeFile(values.json, `${JSON.stringify(record, undefined, 2)}\n`);
  console.log(`Files  ${values.json}`);
}
