/**
 * Trains a model of the zoo by its own defaults with several seeds, and prints for each seed the seconds of
 * training and what one look at the test set found; then means and standard errors.
 *
 * The number of steps is fixed, and the test set is looked at once a seed, after the last step. Settings were
 * chosen on the last 10,000 training images, without the test set.
 *
 * Usage: npm run build && node benchmarks/recipes.mjs --model mnist-fast --seeds 10 [--backend webgpu] [--json FILE]
 * `--dataset` takes a name, or a folder of that name with the four IDX files.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { compile, takeRows } from "@hone/core";
import { createModel, isModelName, trainOptions, zoo } from "@hone/core/models";
import { openDataset } from "@hone/data";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "mnist-fast" },
    dataset: { type: "string", default: "mnist" },
    seeds: { type: "string", default: "10" },
    "first-seed": { type: "string", default: "1" },
    backend: { type: "string", default: "wasm" },
    threads: { type: "string", default: "2" },
    epochs: { type: "string" },
    /** Judge on the last 10,000 training images, which are then not trained on: to choose settings by. */
    validate: { type: "boolean", default: false },
    json: { type: "string" },
  },
});

const wholeNumber = (name) => {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number > 0) return number;
  fail(`--${name} is '${values[name]}'. Give a whole number above 0.`);
};
function fail(message) {
  console.error(message.startsWith("[hone]") ? message : `[hone] recipes: ${message}`);
  process.exit(1);
}

const { model: name, dataset, backend } = values;
const datasetName = path.basename(dataset);
if (backend !== "wasm" && backend !== "webgpu") {
  fail(`--backend is '${backend}'. Choose wasm or webgpu.`);
}
if (!isModelName(name)) fail(`there is no model "${name}". Use one of ${Object.keys(zoo)}.`);
const seeds = wholeNumber("seeds");
const firstSeed = wholeNumber("first-seed");
const { defaults } = zoo[name];
const epochs = values.epochs === undefined ? defaults.epochs : wholeNumber("epochs");
const { train, test } = await openDataset(dataset).catch((error) => fail(error.message));
const held = values.validate ? 10_000 : 0;
const learnt = takeRows(train, 0, train.rows - held);
const judged = held > 0 ? takeRows(train, train.rows - held, train.rows) : test;
const options = trainOptions(defaults, datasetName, epochs);

/** Mean, and its standard error. */
function meanOf(numbers) {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const count = numbers.length;
  return { mean, standardError: count > 1 ? Math.sqrt(squares / (count - 1) / count) : undefined };
}

const chosen = backend === "wasm" ? wasm({ threads: wholeNumber("threads") }) : webgpu();
const device = await chosen.open();
const { description } = device.info;
const on = held > 0 ? `${held} validation images` : `${test.rows} test images`;
console.log(`${name} on ${datasetName}, ${learnt.rows} images, ${epochs} epochs; ${description}`);
console.log(`seed  training seconds  accuracy on ${on}`);
const runs = [];
try {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const model = createModel(name, { seed });
    const { optimizer } = defaults;
    const session = await compile(model, { device, optimizer, seed });
    const history = await session.fit(learnt, options);
    const { accuracy, loss } = await session.evaluate(judged);
    session.close();
    model.dispose();
    const seconds = history.seconds.reduce((sum, value) => sum + value, 0);
    const { steps, imagesPerSecond } = history;
    runs.push({ seed, seconds, accuracy, loss, steps, imagesPerSecond });
    console.log(
      `${String(seed).padStart(4)}  ${seconds.toFixed(2).padStart(16)}  ${(100 * accuracy).toFixed(2)} %`,
    );
  }
} finally {
  await device.close();
}
const accuracy = meanOf(runs.map((run) => run.accuracy));
const seconds = meanOf(runs.map((run) => run.seconds));
const fastest = Math.min(...runs.map((run) => run.seconds));
const error = (value, digits) => (value === undefined ? "" : ` ± ${value.toFixed(digits)}`);
console.log(
  `mean  ${seconds.mean.toFixed(2)}${error(seconds.standardError, 2)} s (fastest ${fastest.toFixed(2)} s), ` +
    `${(100 * accuracy.mean).toFixed(3)}${error(accuracy.standardError && 100 * accuracy.standardError, 3)} % after ${runs[0].steps} steps`,
);
if (values.json !== undefined) {
  const { learningRate, ...others } = options;
  const settings = { ...others, peakLearningRate: defaults.learningRate };
  const judgedOn = held > 0 ? "validation" : "test";
  const head = { model: name, dataset: datasetName, judgedOn, images: learnt.rows };
  const whole = { ...head, device: description, settings, runs, accuracy, seconds };
  writeFileSync(values.json, `${JSON.stringify(whole, undefined, 2)}\n`);
  console.log(`Files      ${values.json}`);
}
