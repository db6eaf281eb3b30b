/** Programs for the toy backend, and the backend in a worker. */
import type { Backend, Program } from "../../backend.js";
import { hosted, spawnWorker } from "../../hosted.js";

/** An entry `op` for each op of the toy, all over one block and buffer "x" of 8 elements. */
export function toyProgram(spinMs = 20): Program {
  const x = { block: "x", byteOffset: 0, shape: [8], dtype: "float32" } as const;
  const block = { name: "x", kind: "memory", bytes: 32 } as const;
  const ops = ["Accumulate", "Spin", "Fail", "Throw", "ThrowOutside", "RejectOutside"];
  return {
    entries: ops.map((op) => ({
      name: op,
      blocks: [block],
      buffers: { x },
      constants: [],
      calls: [{ op, inputs: [x], outputs: [x], attributes: { ms: spinMs } }],
    })),
  };
}

export function hostedToy(code: string, settings?: string): Backend {
  return hosted({
    name: settings ?? "toy",
    settings: () => settings,
    spawn: () => spawnWorker({ code, name: "toy" }),
  });
}
