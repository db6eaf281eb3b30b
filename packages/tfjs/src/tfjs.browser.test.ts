import { testBackend } from "@hone/conformance";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { tfjs } from "./index.js";

// The tests' server serves the repository.
const wasmPaths = new URL("/node_modules/@tensorflow/tfjs-backend-wasm/dist/", location.href).href;
const wasm = tfjs("wasm", { wasmPaths });

test("in a page, a wrong address of the .wasm files is told, and a right one starts", async () => {
  const lost = tfjs("wasm", { wasmPaths: "/nowhere/" });
  await expect(lost.open()).rejects.toThrow(
    /tfjs-wasm: it does not start \(there is no WebAssembly at \/nowhere\/.*give `wasmPaths`/,
  );
  const device = await wasm.open();
  const { getThreadsCount } = await import("@tensorflow/tfjs-backend-wasm");
  expect(device.info.threads).toBe(getThreadsCount());
  await device.close();
});

test("a backend that was opened is not tfjs's own default", async () => {
  const device = await tfjs("webgpu").open();
  tf.registerBackend("mine", () => ({}) as never, 1);
  const priorities = tf.engine().registryFactory;
  expect(priorities.webgpu?.priority).toBeLessThan(priorities.mine?.priority as number);
  tf.removeBackend("mine");
  await device.close();
  expect(await device.lost).toMatchObject({ expected: true });
});

// A few of each kind: the software GPU takes minutes for all, which pass.
const ops = "Relu6|Softmax|Slice|MaxPoolGrad|SoftmaxCrossEntropy|GatherRows|Dropout|ReadSchedule";
testBackend(wasm, {
  test,
  mayLack: ["Conv2DBackpropFilter"],
  only: new RegExp(`^(${ops}) agrees|every op|probe|same bytes|reads|free again|^mlp: 3`),
});
testBackend(tfjs("webgpu"), {
  test,
  only: new RegExp(`^(${ops}) agrees|every op|probe|reads`),
});
