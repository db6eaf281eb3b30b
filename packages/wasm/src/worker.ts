/** The program of the worker that `wasm` starts; as a file, also that of its helper threads. */
import { type ServerPort, serve, type WatchThread, workerPort } from "@hone/core/backend";
import { type DeviceSettings, openDevice } from "./device.js";
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
serve(
  (settings: DeviceSettings, watchThread: WatchThread) => ({
    name: "wasm",
    specVersion: 1,
    probe: async () => ({ ok: true, info: settings.info }),
    open: () => openDevice(settings, watchThread),
  }),
  served,
);
