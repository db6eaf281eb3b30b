/** Times the cnn's `predict` with Hone in Node and prints one JSON object, or writes its weights. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { modelWeights, predictHone } from "./prediction.mjs";

const { values } = parseArgs({
  options: {
    "batch-size": { type: "string", default: "256" },
    threads: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "2" },
    latency: { type: "boolean", default: false },
    "write-weights": { type: "string" },
  },
});

try {
  const seed = Number(values.seed);
  const file = values["write-weights"];
  if (file !== undefined) {
    await writeFile(file, new Uint8Array((await modelWeights({ seed })).buffer));
    console.log(JSON.stringify({ file }));
  } else {
    const result = await predictHone({
      batchSize: Number(values["batch-size"]),
      threads: Number(values.threads),
      seconds: Number(values.seconds),
      latency: values.latency,
      seed,
    });
    console.log(JSON.stringify(result));
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
