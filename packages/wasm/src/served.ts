/** What a worker of `wasm` does: it serves a device. */
import { type ServerPort, serve, type WatchThread, workerPort } from "@hone/core/backend";
import { type DeviceSettings, openDevice } from "./device.js";
import type { KernelFamily } from "./launches.js";
import type { WasmMachine } from "./machine.js";
import type { Gather } from "./team.js";

/**
 * @param gather makes a team where there are to be several threads
 * @param isTaken asked for each message first: true where it was for somebody else
 */
export function serveDevice(
  gather: Gather,
  isTaken: (message: unknown, port: ServerPort) => boolean = () => false,
): void {
  const port = workerPort();
  let machine: WasmMachine | undefined;
  const served: ServerPort = {
    post: (message, transfer) => port.post(message, transfer),
    listen: (listener) =>
      port.listen((message) => {
        if (isTaken(message, port)) return;
        const { kernels } = message as { readonly kernels?: KernelFamily };
        if (kernels) machine?.install(kernels);
        else listener(message);
      }),
  };
  serve(
    (settings: DeviceSettings, watchThread: WatchThread) => ({
      name: "wasm",
      specVersion: 1,
      probe: async () => ({ ok: true, info: settings.info }),
      open: async () => {
        const opened = await openDevice(settings, gather, watchThread);
        machine = opened.machine;
        return opened.device;
      },
    }),
    served,
  );
}
