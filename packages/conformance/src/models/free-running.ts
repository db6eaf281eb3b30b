/** Training on two devices, each by itself: the first losses agree. */
import type { Device } from "@hone/core/backend";
import { type Trainee, Trainer, type TrainerOptions, type TrainingRows } from "./trainer.js";

/** The losses of the first `options.steps` steps on a device. */
export async function lossesOf(
  device: Device,
  trainee: Trainee,
  data: TrainingRows,
  options: TrainerOptions,
): Promise<number[]> {
  const trainer = await Trainer.open(device, trainee, data, options);
  trainer.run(options.batch, 0, options.steps);
  const losses = await trainer.losses(0, options.steps);
  trainer.dispose();
  return losses;
}

/** The first step whose losses differ by more than `limit` of them, in words; or undefined. */
export function lossFault(
  found: readonly number[],
  wanted: readonly number[],
  limit = 1e-5,
): string | undefined {
  for (const [step, loss] of wanted.entries()) {
    const apart = Math.abs((found[step] as number) - loss) / Math.abs(loss);
    if (!(apart <= limit)) {
      return `the loss of step ${step} is ${found[step]} instead of ${loss}: ${apart.toPrecision(3)} apart, allowed ${limit}`;
    }
  }
  return undefined;
}
