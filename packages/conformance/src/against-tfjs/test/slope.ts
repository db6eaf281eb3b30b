/** Gradients of a whole model against the slope of its loss, where stock tfjs is no oracle. */
import { compile, type Device, sgd } from "@hone/core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Rivalry } from "./harness.js";

const RATE = 0.125;
const STEP = 2 ** -15;
/** Elements of each weight that are moved. */
const MOST_ELEMENTS = 4;
/** Of a weight's largest gradient; a float32 keeps what a step of that rate moved to 1e-6 of it. */
const TOLERANCE = 2e-4;

/**
 * Weights whose gradient, as one step of SGD moves them, is not the slope.
 * @param device of 64 bits
 */
export async function slopeFaults(
  device: Device,
  { model, x, y, rows }: Pick<Rivalry, "model" | "x" | "y" | "rows">,
): Promise<string[]> {
  const session = await compile(model as LayersModel, {
    device,
    loss: "meanSquaredError",
    optimizer: sgd(RATE),
  });
  const batch = (values: Rivalry["x"]) =>
    Object.fromEntries(
      Object.entries(values).map(([name, { shape, data }]) => [
        name,
        { data, shape: [rows, ...shape] },
      ]),
    );
  const read = async () => (await session.weights()).map(({ values }) => Float32Array.from(values));
  const lossAt = async (weights: readonly Float32Array[]) => {
    await session.setWeights(weights);
    const { loss } = await session.trainOnBatch(batch(x), batch(y));
    return loss;
  };
  const start = await read();
  await lossAt(start);
  const stepped = await read();
  const faults: string[] = [];
  for (const [at, { name, trainable }] of (await session.weights()).entries()) {
    if (!trainable) continue;
    const own = start[at] as Float32Array;
    const gradient = own.map((value, index) => (value - (stepped[at]?.[index] as number)) / RATE);
    const scale = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const stride = Math.max(1, Math.floor(own.length / MOST_ELEMENTS));
    for (let index = 0; index < own.length; index += stride) {
      const moved = (by: number) => {
        const values = own.slice();
        values[index] = (values[index] as number) + by;
        return {
          at: values[index] as number,
          weights: start.map((one, k) => (k === at ? values : one)),
        };
      };
      const [up, down] = [moved(STEP), moved(-STEP)];
      const [far, low] = [moved(2 * STEP), moved(-2 * STEP)];
      const near = ((await lossAt(up.weights)) - (await lossAt(down.weights))) / (up.at - down.at);
      const wide = ((await lossAt(far.weights)) - (await lossAt(low.weights))) / (far.at - low.at);
      const slope = (4 * near - wide) / 3;
      const error = Math.abs((gradient[index] as number) - slope) / scale;
      if (!(error <= TOLERANCE)) {
        faults.push(`${name}[${index}]: ${gradient[index]}, and the slope is ${slope}`);
      }
    }
  }
  session.close();
  return faults;
}
