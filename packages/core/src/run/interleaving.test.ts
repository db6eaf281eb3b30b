import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { Session } from "./session.js";
import { FEATURES, tinyData, tinyParts } from "./test/tiny-model.js";

const data = tinyData(150);
const twoRows = Float32Array.from({ length: 2 * FEATURES }, (_, index) => index / 10);

describe.each([
  ["on this thread", () => cpu({ worker: false })],
  ["in a worker", () => cpu()],
])("a session %s", (_where, backend) => {
  let device: Device;
  beforeAll(async () => {
    device = await backend().open();
  });
  afterAll(() => device.close());

  test("trains on its own data however often others are evaluated while it pauses", async () => {
    const weightsAfter = async (look: (session: Session, seen: number) => Promise<unknown>) => {
      const session = new Session(tinyParts(device, { dropout: 0.3 }));
      let seen = 0;
      for await (const _record of session.steps(data, { epochs: 2, batchSize: 16, progressMs: 0 }))
        await look(session, seen++);
      const weights = await session.weights();
      session.close();
      return weights;
    };
    const undisturbed = await weightsAfter(async () => undefined);
    const disturbed = await weightsAfter(async (session, seen) => {
      // More data sets than stay on the device at once.
      await session.evaluate(tinyData(20, 100 + seen), { batchSize: 8 });
      await session.predict(twoRows);
      await session.weights();
    });
    expect(disturbed).toEqual(undisturbed);
  });

  test("answers what is asked at once as it does one by one, the first calls of all too", async () => {
    const session = new Session(tinyParts(device));
    const other = tinyData(33, 5);
    const ask = [
      () => session.predict(twoRows),
      () => session.predict(twoRows),
      () => session.evaluate(data, { batchSize: 16 }),
      () => session.evaluate(other, { batchSize: 16 }),
      () => session.evaluate(data, { batchSize: 16 }),
    ];
    const together = await Promise.all(ask.map((question) => question()));
    for (const [index, question] of ask.entries())
      expect(await question()).toEqual(together[index]);
    session.close();
  });

  test("leaves nothing on the device when it is closed while something is being made", async () => {
    const before = await device.memory();
    const session = new Session(tinyParts(device));
    const training = session.fit(data, { epochs: 500, batchSize: 16 });
    const judged = session.evaluate(data);
    session.close();
    await expect(training).rejects.toThrow(/session: it is closed/);
    await expect(judged).rejects.toThrow(/session: it is closed/);
    expect(await device.memory()).toEqual(before);
  });
});
