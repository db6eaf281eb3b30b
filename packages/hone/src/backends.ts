/** Hone's backends, each loaded when it is first asked for something. */
import type { Backend, Probe } from "@hone/core";

/** The code of a package that does not come: an aborted deployment, a lost connection, a policy. */
const NO_CODE_HINT = "Check that all files of the app are served, and may be loaded";

/** A backend whose package is loaded once it is asked. */
function late(name: string, load: () => Promise<Backend>): Backend {
  let loading: Promise<Backend> | undefined;
  const loaded = () => {
    loading ??= load().catch((error: unknown) => {
      // A connection may come back.
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const probe = async (): Promise<Probe> => {
    let backend: Backend;
    try {
      backend = await loaded();
    } catch (error) {
      const reason = `its code does not load (${error instanceof Error ? error.message : error})`;
      return { ok: false, reason, hint: NO_CODE_HINT };
    }
    return backend.probe();
  };
  return {
    name,
    specVersion: 1,
    probe,
    open: async (options) => (await loaded()).open(options),
  };
}

/** WebGPU, WebAssembly and plain JavaScript, with their defaults; a list for `fastest`, `pickFastest` and `failover`. */
export function backends(): readonly Backend[] {
  return [
    late("webgpu", async () => (await import("@hone/webgpu")).webgpu()),
    late("wasm", async () => (await import("@hone/wasm")).wasm()),
    late("cpu", async () => (await import("@hone/cpu")).cpu()),
  ];
}
