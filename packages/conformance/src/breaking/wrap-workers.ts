/** Makes the workers of this thread begin with a prelude. Free of DOM and node, as the workers' starter is. */

/** What both kinds of worker have. */
export interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/**
 * From now on each worker that this thread starts runs `prelude` before its own script, and is told to `started`.
 * @returns undoes it
 */
export function wrapWorkers(prelude: string, started: (worker: AnyWorker) => void): () => void {
  const text = `globalThis.preludeText ??= ${JSON.stringify(prelude)};\n${prelude}`;
  const threads = nodeThreads();
  return threads ? wrapInNode(threads, text, started) : wrapInPage(text, started);
}

type NodeThreads = { Worker: typeof import("node:worker_threads").Worker };

function nodeThreads(): NodeThreads | undefined {
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  return process?.getBuiltinModule?.("node:worker_threads");
}

function wrapInNode(threads: NodeThreads, text: string, started: (worker: AnyWorker) => void) {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...[script, options]: ConstructorParameters<typeof Worker>) {
      super(options?.eval ? `${text}\n${script}` : script, options);
      started(this);
    }
  };
  return () => {
    threads.Worker = Worker;
  };
}

function wrapInPage(text: string, started: (worker: AnyWorker) => void) {
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(script: string | URL, options?: WorkerOptions) {
      const own = new URL(script, location.href).href;
      const all = new Blob([`${text}\nimportScripts(${JSON.stringify(own)});`]);
      super(URL.createObjectURL(all), options);
      started(this);
    }
  };
  return () => {
    globalThis.Worker = Worker;
  };
}
