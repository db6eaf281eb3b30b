/** What a worker of `wasm` does: it serves a device, or is a helper thread of another. */
import { type ServerPort, serve, type WatchThread, workerPort } from "@hone/core/backend";
import { type DeviceSettings, openDevice } from "./device.js";
import { help, helperTaskOf } from "./helper-task.js";
import type { Lowerings } from "./kernels/lowering.js";

/** @param lowerings gives those of the ops that a device of these settings has */
export function serveDevice(lowerings: (settings: DeviceSettings) => Lowerings): void {
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
      open: () => openDevice(settings, lowerings(settings), watchThread),
    }),
    served,
  );
}
