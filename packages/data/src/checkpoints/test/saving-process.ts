/**
 * A process of its own that saves checkpoints, for tests that kill it or take its disk away. Its words:
 * folder, how many, values of each, and the first step. It says a line of JSON after each.
 */
import { checkpointFolder } from "../folder.js";
import { checkpointOf } from "./example.js";

const [folder = "", count = "", floats = "", first = "1"] = process.argv.slice(2);
const say = (what: object) =>
  process.getBuiltinModule("node:fs").writeSync(1, `${JSON.stringify(what)}\n`);

async function main() {
  const store = checkpointFolder(folder);
  for (let step = Number(first); step < Number(first) + Number(count); step++) {
    try {
      await store.save(checkpointOf(step, Number(floats)));
      say({ saved: step });
    } catch (error) {
      const { kind, message } = error as { kind?: string; message: string };
      say({ failed: step, kind, message });
    }
  }
}

void main();
