/** Trains with Hone in Node and prints one JSON object: for models that `hone train` does not name. */
import { parseArgs } from "node:util";
import { trainHone } from "./training.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "cnn-bn" },
    dataset: { type: "string", default: "mnist" },
    threads: { type: "string", default: "1" },
    epochs: { type: "string", default: "2" },
    limit: { type: "string", default: "60000" },
    seed: { type: "string", default: "1" },
    evaluate: { type: "boolean", default: false },
  },
});

try {
  const result = await trainHone({
    model: values.model,
    dataset: values.dataset,
    threads: Number(values.threads),
    epochs: Number(values.epochs),
    limit: Number(values.limit),
    seed: Number(values.seed),
    evaluate: values.evaluate,
  });
  console.log(JSON.stringify(result));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
