/** The program of a helper thread. */
import { workerPort } from "@hone/core/backend";
import { help, helperTaskOf } from "./helper-task.js";

const port = workerPort();
port.listen((message) => {
  const task = helperTaskOf(message);
  if (task) void help(task, port);
});
