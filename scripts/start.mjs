/** `npm start`: builds what is not built yet, then runs `hone start`. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "./bundle-plugin.mjs";

const launcher = path.join(root, "packages/cli/bin/hone.mjs");

function run(file, ...options) {
  const { status, signal } = spawnSync(process.execPath, [file, ...options], {
    cwd: root,
    stdio: "inherit",
  });
  if (signal !== null) process.kill(process.pid, signal);
  return status ?? 1;
}

// The child hears Ctrl-C too, and ends the run in its own time.
process.on("SIGINT", () => {});
if (!existsSync(path.join(root, "packages/cli/dist/main.js"))) {
  const status = run(path.join(root, "scripts/build.mjs"));
  if (status !== 0) process.exit(status);
}
process.exitCode = run(launcher, "start", ...process.argv.slice(2));
