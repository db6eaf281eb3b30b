import { cpu } from "@hone/cpu";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";

const dense = (units: number) => layers.layers.dense({ units });

/** A generator, a discriminator, and the model that puts one behind the other. */
function adversaries() {
  const noise = layers.input({ shape: [2] });
  const generator = layers.model({ inputs: noise, outputs: dense(3).apply(noise) as never });
  const picture = layers.input({ shape: [3] });
  const judged = dense(1).apply(picture);
  const discriminator = layers.model({ inputs: picture, outputs: judged as never });
  const both = layers.model({
    inputs: noise,
    outputs: discriminator.apply(generator.apply(noise) as never) as never,
  });
  return { generator, discriminator, both };
}

test.each([false, true])(
  "what one session trains, the other has too, and only that (latency: %s)",
  async (latency) => {
    const { generator, discriminator, both } = adversaries();
    const device = await cpu().open();
    const settings = { device, latency, loss: "mse", optimizer: sgd(0.1) } as const;
    const judge = await compile(discriminator, settings);
    discriminator.trainable = false;
    const fool = await compile(both, { ...settings, share: judge });
    const draw = await compile(generator, { ...settings, share: judge });

    const [z, x] = [Float32Array.of(1, -1), Float32Array.of(0.5, 1, -2)];
    const answer = async () => (await judge.predict((await draw.predict(z)).data)).data[0];
    const before = await answer();
    expect((await fool.predict(z)).data[0]).toBeCloseTo(before as number, 5);

    await judge.trainOnBatch(x, [[3]]);
    const judged = (await judge.predict(x)).data[0] as number;
    expect((await fool.predict(z)).data[0]).toBeCloseTo((await answer()) as number, 5);
    expect(await answer()).not.toBeCloseTo(before as number, 3);

    await fool.trainOnBatch(z, [[-4]]);
    // The frozen discriminator stays what it is, the generator's session sees the move.
    expect((await judge.predict(x)).data[0]).toBe(judged);
    expect((await fool.predict(z)).data[0]).toBeCloseTo((await answer()) as number, 5);
    await judge.setWeights([new Float32Array(3), Float32Array.of(7)]);
    expect((await fool.predict(z)).data[0]).toBe(7);
    for (const session of [judge, fool, draw]) session.close();
    await device.close();
  },
);

test("models without a layer in common, and sessions of another device, are refused", async () => {
  const [one, other] = [await cpu().open(), await cpu().open()];
  const make = () =>
    layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [2] })] });
  const session = await compile(make(), { device: one, loss: "mse" });
  await expect(compile(make(), { device: one, loss: "mse", share: session })).rejects.toThrow(
    /no weight in common/,
  );
  await expect(compile(make(), { device: other, loss: "mse", share: session })).rejects.toThrow(
    /on another device/,
  );
  await one.close();
  await other.close();
});
