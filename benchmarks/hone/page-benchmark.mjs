/** One row of Hone's benchmark in a page, checked as in Node: for what only a browser has. */
import { benchmark, defaultSampling, quickSampling } from "@hone/bench";
import { takeRows } from "@hone/core";
import { createModel, zoo } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { openDataset } from "@hone/data";
import { tfjs } from "@hone/tfjs";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";

const backends = {
  webgpu: () => webgpu(),
  wasm: ({ threads }) => wasm({ threads }),
  "tfjs-webgpu": () => tfjs("webgpu", { exact: false }),
};

globalThis.runTask = async (given) => {
  const { backend, task, model: name, batchSize, quick, dataset, epochs, limit } = given;
  const { train, test } = await openDataset(dataset, { folder: "/" });
  const model = createModel(name, { seed: 1 });
  const [row] = await benchmark(
    [{ name, model, optimizer: zoo[name].defaults.optimizer }],
    { train: takeRows(train, 0, Math.min(limit, train.rows)), test },
    {
      backends: [backends[backend](given)],
      reference: await cpu({ precision: 64 }).open(),
      modes: [task],
      batchSizes: [batchSize],
      epochs,
      sampling: quick ? quickSampling : defaultSampling,
    },
  );
  return { row };
};
