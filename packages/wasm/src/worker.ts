/** The program of the worker that `wasm` starts where there are several threads; as a file, also that of its helpers. */
import { help, helperTaskOf } from "./helper-task.js";
import { serveDevice } from "./served.js";
import { SharedTeam } from "./shared-team.js";

serveDevice(SharedTeam.gather, (message, port) => {
  const task = helperTaskOf(message);
  if (task) void help(task, port);
  return task !== undefined;
});
