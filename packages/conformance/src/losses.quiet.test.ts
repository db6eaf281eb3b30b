/** How soon a loss is told, and how long a device takes to close that answers no more. */
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { expect, test } from "vitest";
import { type BreakWay, breakable } from "./breaking/breakable.js";
import { expectClosing, expectLoss } from "./contract/loss.js";

const threads = () => wasm({ threads: 3, shareFrom: 0 });

const ways: readonly (readonly [
  how: BreakWay,
  make: typeof cpu | typeof threads | typeof webgpu,
])[] = [
  ["terminate worker", cpu],
  ["throw in worker", cpu],
  ["terminate worker", threads],
  ["trap wasm", threads],
  ["trap helper", threads],
  ["end helper", threads],
  ["terminate helper", threads],
  ["destroy GPU device", webgpu],
];

test.each(ways)('after "%s" all has settled within a second (%o)', async (how, make) => {
  const { backend, breakNow } = breakable(make());
  const device = await backend.open();
  let brokenMs = 0;
  let lostMs = 0;
  void device.lost.then(() => {
    lostMs = performance.now() - brokenMs;
  });
  const spoil = () => {
    brokenMs = performance.now();
    breakNow(how);
  };
  await expectLoss(device, spoil, 50);
  expect(lostMs).toBeLessThan(1000);
});

test.each([
  ["spin worker", cpu],
  ["mute worker", cpu],
  ["spin worker", threads],
  ["mute worker", threads],
] as const)("close after %s takes less than a second (%o)", async (how, make) => {
  const { backend, breakNow } = breakable(make());
  const milliseconds = await expectClosing(await backend.open(), () => breakNow(how), 50);
  expect(milliseconds).toBeLessThan(1000);
});
