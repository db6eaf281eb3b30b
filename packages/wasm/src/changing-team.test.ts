/** Teams of which another part runs each step. */
import { pictures, Trainer, zooTrainee } from "@hone/conformance";
import { HostDevice } from "@hone/core/backend";
import { lowersFirst } from "@hone/core/hosted";
import { expect, test } from "vitest";
import { Arena } from "./arena.js";
import { choose, infoOf } from "./choice.js";
import { launches } from "./launches.js";
import { WasmMachine } from "./machine.js";
import { bytesOf, moduleOf } from "./module.js";
import { packedKernels } from "./packed-kernels.js";
import { SharedTeam } from "./shared-team.js";

const BATCH = 32;
const STEPS = 60;
const data = pictures(BATCH * STEPS);

/** What it holds after training on a team where `threadsOf` chooses for each step, in place of what proves faster. */
async function trained(
  name: "cnn" | "mlp",
  threads: number,
  threadsOf = (_step: number) => threads,
) {
  const choice = choose({ threads, shared: true }, true);
  const arena = await Arena.make(await moduleOf(packedKernels, choice), true);
  const team = await SharedTeam.gather(arena, { threads, shareFrom: 0 });
  const machine = new WasmMachine(infoOf(choice), arena, team);
  const lowering = launches({
    shared: true,
    bytesOf: (family) => bytesOf(packedKernels, choice, family),
    install: (family) => machine.install(family),
  });
  const device = lowersFirst(new HostDevice(machine), lowering);
  const options = { batch: BATCH, steps: STEPS, seed: 5 };
  const trainer = await Trainer.open(device, zooTrainee(name), data, options);
  const run = team.run.bind(team);
  // Not sooner: kernels are installed by all threads.
  team.run = (work, _threads, first, steps) => {
    for (let step = first; step < first + steps; step++) run(work, threadsOf(step), step, 1);
  };
  trainer.run(BATCH, 0, STEPS);
  const values = await trainer.executable.read([...trainer.memory, "metrics"]);
  trainer.dispose();
  await device.close();
  return values;
}

test.each(["cnn", "mlp"] as const)(
  "%s: the bits are the same when every step has another number of threads",
  async (name) => {
    const alone = await trained(name, 1);
    expect(await trained(name, 4)).toEqual(alone);
    const numbers = [1, 3, 2, 4, 1, 4, 2, 2, 3, 1];
    const seen = new Set<number>();
    const changing = await trained(name, 4, (step) => {
      const threads = numbers[step % numbers.length] as number;
      seen.add(threads);
      return threads;
    });
    expect(changing).toEqual(alone);
    expect(seen.size).toBe(4);
  },
);
