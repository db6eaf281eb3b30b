/** How fast a model trains: what the speed floors of the test suite look at. */
import { type Backend, compile, type Dataset } from "@hone/core";
import { loadTraining } from "@hone/core/internals";
import { createModel } from "@hone/core/models";

export interface TrainRate {
  /** From `compile` to the first reply, in milliseconds. */
  readonly firstStepMs: number;
  /** Of the fastest epoch, gather included. */
  readonly imagesPerSecond: number;
}

/** Trains a model of the zoo for some epochs on a fresh device. */
export async function trainRate(
  backend: Backend,
  name: string,
  data: Dataset,
  epochs: number,
): Promise<TrainRate> {
  await loadLateParts();
  const device = await backend.open();
  const model = createModel(name, { seed: 1 });
  const beganMs = performance.now();
  const session = await compile(model as never, { device, seed: 1 });
  let firstStepMs = 0;
  let imagesPerSecond = 0;
  for await (const record of session.steps(data, { epochs })) {
    if (firstStepMs === 0) firstStepMs = performance.now() - beganMs;
    if (record.kind === "epoch-end") {
      imagesPerSecond = Math.max(imagesPerSecond, record.imagesPerSecond);
    }
  }
  session.close();
  await device.close();
  return { firstStepMs, imagesPerSecond };
}

/** A test runner transforms what is imported late, for longer than a built package takes to load it. */
async function loadLateParts(): Promise<void> {
  await Promise.all([
    loadTraining(),
    import("../kernels/base.js"),
    import("../kernels/maps.js"),
    import("../kernels/training.js"),
  ]);
}
