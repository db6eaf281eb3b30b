/** A small training step with a data set, for tests that compare where it runs. */
import type { Device, Entry, TypedArray } from "@hone/core/backend";
import { entryOf, operandOf } from "./operands.js";

export function smallTraining(): Entry {
  const [batch, inputs, outputs] = [8, 6, 4];
  const x = operandOf("x", [batch, inputs]);
  const w = operandOf("w", [inputs, outputs]);
  const g = operandOf("g", [inputs, outputs]);
  const logits = operandOf("logits", [batch, outputs]);
  const schedule = [operandOf("schedule", [100, 1]), operandOf("epochStart", [1], "int32")];
  const settings = operandOf("settings", [1]);
  const descent = "input 0; input 1; element 2 0; Multiply 1 2; Sub 0 3";
  return entryOf(
    "train",
    [
      {
        op: "GatherRows",
        inputs: [operandOf("images", [inputs], "uint8")],
        outputs: [x],
        attributes: { stride: 1, scale: 1 / 255, offset: 0 },
      },
      {
        op: "BatchMatMul",
        inputs: [x, w],
        outputs: [logits],
        attributes: { transposeA: false, transposeB: false },
      },
      {
        op: "BatchMatMul",
        inputs: [x, logits],
        outputs: [g],
        attributes: { transposeA: true, transposeB: false },
      },
      { op: "ReadSchedule", inputs: schedule, outputs: [settings], attributes: {} },
      {
        op: "Map",
        inputs: [w, g, settings],
        outputs: [w],
        attributes: { code: descent, results: [4] },
      },
    ],
    ["images"],
  );
}

/** Loads it, with weights and data that are the same every time. */
export async function loadSmallTraining(device: Device) {
  const executable = await device.load({ entries: [smallTraining()] });
  const data = Uint8Array.from({ length: 700 * 6 }, (_, index) => (index * 31) % 256);
  executable.bind("images", await device.upload({ images: { data, rowLength: 6 } }));
  executable.write(
    "w",
    Float32Array.from({ length: 24 }, (_, index) => Math.sin(index)),
  );
  executable.write("schedule", new Float32Array(100).fill(0.001));
  return executable;
}

/** Weights after 80 steps. */
export async function trainedWeights(device: Device): Promise<TypedArray[]> {
  const executable = await loadSmallTraining(device);
  executable.run("train", { first: 0, steps: 80 });
  return executable.read(["w"]);
}
