/**
 * The head of a MobileNet whose front is frozen: Hone, which computes the front once a row, beside tfjs's `fit` of the same
 * model and beside its form by hand, with the front's results first; in turns, each in a fresh process.
 *
 *   node benchmarks/frozen-front.mjs --rounds 3 --json FILE
 *
 * tfjs's `fit` runs few epochs, since every one of them takes as long: its seconds are those of one, so many times.
 */
import { writeFile } from "node:fs/promises";
import os from "node:os";
import { parseArgs } from "node:util";
import { runScript } from "./compare/fresh-process.mjs";
import { median } from "./compare/statistics.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    pictures: { type: "string", default: "1000" },
    size: { type: "string", default: "96" },
    alpha: { type: "string", default: "0.25" },
    epochs: { type: "string", default: "20" },
    "fit-epochs": { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    json: { type: "string" },
  },
});
const { pictures, size, alpha, epochs, threads } = values;
const work = { pictures, size, alpha };
const contenders = [
  ["hone", { engine: "hone", epochs, threads }, 1],
  ["tfjs-wasm, features first", { engine: "tfjs-features", epochs }, 1],
  [
    "tfjs-wasm, fit",
    { engine: "tfjs", epochs: values["fit-epochs"] },
    epochs / values["fit-epochs"],
  ],
];

const seconds = new Map(contenders.map(([name]) => [name, []]));
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const [name, settings, times] of round % 2 ? contenders : contenders.toReversed()) {
    const result = await runScript("rivals/frozen-head.mjs", { ...work, ...settings });
    seconds.get(name).push(result.seconds * times);
    console.log(`  round ${round}: ${name}: ${(result.seconds * times).toFixed(2)} s`);
  }
}

const medians = new Map([...seconds].map(([name, list]) => [name, median(list)]));
for (const [name, found] of medians) {
  const ratio = found / medians.get("hone");
  console.log(
    `${name}: ${found.toFixed(2)} s for ${epochs} epochs${name === "hone" ? "" : `, ${ratio.toFixed(1)} times Hone's`}`,
  );
}
if (values.json !== undefined) {
  const machine = { processor: os.cpus()[0]?.model, node: process.version };
  const record = {
    date: new Date().toISOString(),
    machine,
    settings: values,
    seconds: Object.fromEntries(seconds),
  };
  await writeFile(values.json, `${JSON.stringify(record, undefined, 2)}\n`);
}
