/** Tests of devices that break at random moments, in Node and in pages alike. */
import type { Backend } from "@hone/core/backend";
import { patientDevice, RandomStream } from "@hone/core/internals";
import { expect, test } from "vitest";
import { type BreakWay, breakable } from "../breaking/breakable.js";
import { expectClosing, expectLoss } from "../contract/loss.js";

/** What `lost` must say, by the way a device breaks. */
export type Reasons = Partial<Record<BreakWay, RegExp>>;

/** What only patience can tell from long work. */
export const SILENT = /gave no answer for/;

export interface LossOptions {
  /** How often each way is tried: at as many random moments. */
  readonly times: number;
  /** A GPU emulated in software may take longer for an honest answer. */
  readonly patienceMs?: number;
}

export function testLosses(
  name: string,
  make: () => Backend,
  reasons: Reasons,
  { times, patienceMs = 400 }: LossOptions,
): void {
  const random = new RandomStream(11, 0);
  for (const [how, reason] of Object.entries(reasons) as [BreakWay, RegExp][]) {
    test(`${name}: "${how}" at a random moment loses the device, and nothing is left pending`, async () => {
      for (let time = 0; time < times; time++) {
        const { backend, breakNow, workersLeft } = breakable(make());
        const opened = await backend.open();
        const device = reason === SILENT ? patientDevice(opened, { patienceMs }) : opened;
        const given = await expectLoss(device, () => breakNow(how), 100 * random.nextFloat());
        expect(given).toMatch(reason);
        await expect.poll(workersLeft).toBe(0);
      }
    });
  }
}

/** Devices that are closed in the midst of work, and while they answer no more. */
export function testClosings(
  name: string,
  make: () => Backend,
  ways: readonly (BreakWay | "work")[],
  times: number,
): void {
  const random = new RandomStream(12, 0);
  test.each(ways)(
    `${name}: close in the midst of "%s" ends it, its threads and what is pending`,
    async (how) => {
      for (let time = 0; time < times; time++) {
        const { backend, breakNow, workersLeft } = breakable(make());
        const device = await backend.open();
        const spoil = () => {
          if (how !== "work") breakNow(how);
        };
        await expectClosing(device, spoil, 50 * random.nextFloat());
        await expect.poll(workersLeft).toBe(0);
      }
    },
  );
}
