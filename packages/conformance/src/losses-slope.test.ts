/** Every loss's gradient against its slope, between the kinks: where tfjs agrees, tfjs is right as well. */
import type { Device } from "@hone/core/backend";
import {
  LOSS_NAMES,
  labelKind,
  lossOf,
  lossTensor,
  type NamedLoss,
  RandomStream,
} from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { computed } from "./test/small-graph.js";

let reference: Device;
beforeAll(async () => {
  reference = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => reference.close());

const [ROWS, COLUMNS] = [2, 3];
const STEP = 1e-5;

function labelsOf(loss: NamedLoss) {
  if (labelKind(loss) === "class-index") return { shape: [ROWS], values: Int32Array.of(2, 0) };
  // A percentage of 0 is a number too large to take a difference of.
  const least = labelKind(loss) === "number" ? 0.05 : 0;
  const values = Float32Array.of(least, 0.1, 0.9, 1, 0.25, least);
  return { shape: [ROWS, COLUMNS], values };
}

test.each(
  LOSS_NAMES.flatMap((name) =>
    ["Softmax", "Sigmoid", "Identity"].map((activation) => [name, activation] as const),
  ),
)("the gradient of %s behind %s is the slope", async (name, activation) => {
  const loss = lossOf(name) as NamedLoss;
  const random = new RandomStream(5, 9);
  const start = Float64Array.from({ length: ROWS * COLUMNS }, () => 0.1 + 0.8 * random.nextFloat());
  const shape = [ROWS, COLUMNS];
  const answer = (values: Float64Array) =>
    computed(reference, [{ shape, values }, labelsOf(loss)], (builder, [x, labels]) =>
      lossTensor(builder, loss, builder.op(activation, [x as number]), labels as number),
    );
  const meanAt = async (index: number, moved: number) => {
    const values = start.slice();
    values[index] = (values[index] as number) + moved;
    const { values: losses } = await answer(values);
    return Array.from(losses).reduce((sum, value) => sum + value, 0) / losses.length;
  };
  const { gradient } = await answer(start);
  for (let index = 0; index < start.length; index++) {
    const rise = (await meanAt(index, STEP)) - (await meanAt(index, -STEP));
    const slope = rise / (2 * STEP);
    expect(Math.abs((gradient[index] as number) - slope)).toBeLessThan(
      1e-7 * Math.max(1, Math.abs(slope)),
    );
  }
});
