/** Backends by name, each loaded when it is first asked for something. */
import type { Backend, DeviceInfo } from "@hone/core/runtime";

export const BACKEND_CHOICES = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];
export type BackendName = Exclude<BackendChoice, "auto">;

export function isBackendChoice(word: string | undefined): word is BackendChoice {
  return BACKEND_CHOICES.some((one) => one === word);
}

const makers: Readonly<Record<BackendName, () => Promise<Backend>>> = {
  webgpu: async () => (await import("@hone/webgpu")).webgpu(),
  wasm: async () => (await import("@hone/wasm")).wasm(),
  cpu: async () => (await import("@hone/cpu")).cpu(),
};

/** The backends of a choice, best first. */
export function backendsOf(chosen: BackendChoice): readonly Backend[] {
  const names: readonly BackendName[] = chosen === "auto" ? ["webgpu", "wasm", "cpu"] : [chosen];
  return names.map(late);
}

const JAVASCRIPT: DeviceInfo = {
  backend: "cpu",
  description: "JavaScript, 32-bit",
  kind: "cpu",
  numerics: "js-f32",
  threads: 1,
};

function late(name: BackendName): Backend {
  return {
    name,
    specVersion: 1,
    probe: async () => {
      // Plain JavaScript is everywhere, and so its code waits until it computes.
      if (name === "cpu") return { ok: true, info: JAVASCRIPT };
      try {
        return await (await makers[name]()).probe();
      } catch (error) {
        const reason = `its code does not load (${error instanceof Error ? error.message : error})`;
        return { ok: false, reason, hint: "Check the connection, and load the page anew" };
      }
    },
    open: async (options) => (await makers[name]()).open(options),
  };
}
