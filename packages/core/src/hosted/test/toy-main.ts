/** A whole program that hosts the toy, for tests of when a Node process ends. */

import { hostedToy, toyProgram } from "./toy-program.js";
import code from "./toy-worker.ts?worker-text";

const mode = process.argv.at(-1);

async function main(): Promise<void> {
  const device = await hostedToy(code).open();
  const executable = await device.load(toyProgram(mode === "busy" ? 60_000 : 400));
  executable.run(mode === "idle" ? "Accumulate" : "Spin", { first: 0, steps: 1 });
  if (mode !== "busy") await executable.sync();
  console.log("last line");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
