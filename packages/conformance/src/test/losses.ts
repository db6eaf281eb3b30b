/** Tests of devices that break at random moments, in Node and in pages alike. */
import type { Backend } from "@hone/core/backend";
import { patientDevice, RandomStream } from "@hone/core/internals";
import { expect, test } from "vitest";
import { type BreakWay, breakable } from "../breaking/breakable.js";
import { expectLoss } from "../contract/loss.js";

/** What `lost` must say, by the way a device breaks. */
export type Reasons = Partial<Record<BreakWay, RegExp>>;

/** Those that only patience can tell from long work. */
const SILENT: readonly BreakWay[] = ["spin worker", "mute worker", "hang sync"];

/** @param times how often each: at as many random moments */
export function testLosses(
  name: string,
  make: () => Backend,
  reasons: Reasons,
  times: number,
): void {
  const random = new RandomStream(11, 0);
  for (const [how, reason] of Object.entries(reasons) as [BreakWay, RegExp][]) {
    test(`${name}: "${how}" at a random moment loses the device, and nothing is left pending`, async () => {
      for (let time = 0; time < times; time++) {
        const { backend, breakNow, workersLeft } = breakable(make());
        const opened = await backend.open();
        const silent = SILENT.includes(how);
        const device = silent ? patientDevice(opened, { patienceMs: 400 }) : opened;
        const given = await expectLoss(device, () => breakNow(how), 100 * random.nextFloat());
        expect(given).toMatch(reason);
        await expect.poll(workersLeft).toBe(0);
      }
    });
  }
}
