/** How long the readers of files take over the longest of the changed inputs: under a second each. */
import "@tensorflow/tfjs-backend-cpu";
import { setBackend } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { imageBombs } from "./test/image-readers.js";
import { allReaders } from "./test/readers.js";
import { mutatedInputs, tryInput } from "./test/try-input.js";

const inputsOfEach = process.env.HONE_SOAK === "1" ? 500 : 60;

test("no changed input and no bomb takes a second", async () => {
  await setBackend("cpu");
  let [worst, label] = [0, ""];
  const time = async (reader: Parameters<typeof tryInput>[0], bytes: Uint8Array, name: string) => {
    const { ms } = await tryInput(reader, bytes);
    if (ms > worst) [worst, label] = [ms, name];
  };
  for (const { reader, bytes } of imageBombs())
    await time(reader, bytes, `bomb of ${bytes.length}`);
  for (const reader of await allReaders()) {
    // Whatever is loaded late is loaded now.
    for (const bytes of reader.samples) await tryInput(reader, bytes);
    for (const { bytes, label } of mutatedInputs(reader, inputsOfEach, 2)) {
      await time(reader, bytes, label);
    }
  }
  expect(worst, label).toBeLessThan(1000);
});
