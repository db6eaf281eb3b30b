import { writeFileSync } from "node:fs";
import { wasm } from "@hone/wasm";
import { encode } from "fast-png";
import { test } from "vitest";
import { trainGan } from "./gan.mjs";

test("gan", async () => {
  const device = await wasm().open();
  const t = performance.now();
  const { losses, pictures } = await trainGan({ device, log: console.log });
  console.log(
    Math.round(performance.now() - t),
    "ms",
    losses.judge.every(Number.isFinite),
    losses.fool.every(Number.isFinite),
  );
  const data = new Uint8Array(8 * 28 * 8 * 28);
  for (let s = 0; s < 64; s++)
    for (let p = 0; p < 784; p++)
      data[(Math.floor(s / 8) * 28 + Math.floor(p / 28)) * 224 + (s % 8) * 28 + (p % 28)] =
        Math.round(255 * pictures[s * 784 + p]);
  writeFileSync("/tmp/gan.png", encode({ width: 224, height: 224, data, channels: 1 }));
  await device.close();
}, 300000);
