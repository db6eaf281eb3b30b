/** `npm start`: builds what is not built yet, then is `hone start`, in this process. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "./bundle-plugin.mjs";

let built = existsSync(path.join(root, "packages/cli/dist/main.js"));
if (!built) {
  const script = path.join(root, "scripts/build.mjs");
  built = spawnSync(process.execPath, [script], { stdio: "inherit" }).status === 0;
}
if (built) {
  process.argv.splice(2, 0, "start");
  await import("../packages/cli/bin/hone.mjs");
} else {
  process.exitCode = 1;
}
