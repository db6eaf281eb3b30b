/** The program of the worker that `wasm` starts; as a file, also that of its helper threads. */
import { type ServerPort, serve, workerPort } from "@hone/core/backend";
import { type WasmSettings, wasmBackend } from "./backend.js";
import { help, helperTaskOf } from "./helper-task.js";

const port = workerPort();
const served: ServerPort = {
  post: (message, transfer) => port.post(message, transfer),
  listen: (listener) =>
    port.listen((message) => {
      const task = helperTaskOf(message);
      if (task) void help(task, port);
      else listener(message);
    }),
};
serve((settings: WasmSettings, watchThread) => wasmBackend(settings, watchThread), served);
