/** The reference computes today what it computed when fixtures/zoo-losses.mjs wrote its numbers down. */
import { readFileSync } from "node:fs";
import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import { lossesOf, lossFault } from "./models/free-running.js";
import { pictures } from "./models/rows.js";
import { MNIST_NAMES, zooTrainee } from "./models/trainee.js";

interface Goldens {
  readonly settings: Readonly<
    Record<"modelSeed" | "seed" | "batch" | "steps" | "pictures", number>
  >;
  readonly losses: Readonly<Record<string, readonly number[]>>;
}

const goldens = JSON.parse(
  readFileSync(new URL("../../../fixtures/zoo-losses.json", import.meta.url), "utf8"),
) as Goldens;

test.each(MNIST_NAMES)("the first losses of the %s are those written down", async (name) => {
  const { modelSeed, seed, batch, steps, pictures: count } = goldens.settings;
  const device = await cpu({ precision: 64, worker: false }).open();
  const trainee = zooTrainee(name, modelSeed);
  const found = await lossesOf(device, trainee, pictures(count), { batch, steps, seed });
  await device.close();
  expect(found).toHaveLength(goldens.losses[name]?.length ?? 0);
  expect(lossFault(found, goldens.losses[name] ?? [], 1e-9)).toBeUndefined();
});
