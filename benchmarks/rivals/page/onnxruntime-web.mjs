/** The cnn's predictions with onnxruntime-web in a page, from its own files as it ships them. */
import { timeRuns } from "../../compare/time-runs.mjs";
import { testImages } from "../../hone/prediction.mjs";

/** Not written as an import, so that the bundler leaves the rival's own loader alone. */
const loader = "/onnxruntime-web/ort.wasm.min.mjs";

globalThis.runTask = async ({ batchSize, threads, seconds }) => {
  const ort = await import(loader);
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = "/onnxruntime-web/";
  const data = await testImages(batchSize, "/");
  const settings = { executionProviders: ["wasm"] };
  const session = await ort.InferenceSession.create("/model.onnx", settings);
  const run = async () => {
    const images = new ort.Tensor("float32", data, [batchSize, 28, 28, 1]);
    return (await session.run({ images })).probabilities.data;
  };
  const outputs = [...(await run())];
  const { medianMs, p95Ms, runs } = await timeRuns(run, { seconds });
  return {
    rival: "onnxruntime-web",
    model: "cnn",
    batchSize,
    threads,
    runs,
    medianMs,
    p95Ms,
    imagesPerSecond: (1000 * batchSize) / medianMs,
    outputs,
  };
};
