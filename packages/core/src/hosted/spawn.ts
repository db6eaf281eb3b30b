/**
 * Makes the right worker for the place it runs in. The one file of core that knows Node and pages;
 * it imports neither, so that a bundle for a page stays whole: Node's module is asked for at run time.
 */
import { HoneError } from "../errors.js";
import { messageOf } from "../value-text.js";
import { spawnInPage } from "./page-worker.js";
import type { Movable, ServerPort, WorkerPort, WorkerSource } from "./ports.js";

/** Starts a worker thread in Node, a Worker in a page. @throws BackendUnavailable */
export function spawnWorker(source: WorkerSource): WorkerPort {
  try {
    const threads = nodeThreads();
    return threads === undefined ? spawnInPage(source) : spawnInNode(threads, source);
  } catch (cause) {
    const what = `its worker could not be started (${textOf(cause)}). ${workerHint}`;
    throw new HoneError("BackendUnavailable", source.name, what, { cause });
  }
}

export const workerHint =
  "Check that workers may run here; where a Content-Security-Policy forbids blob workers, serve dist/worker.js of the backend's package and give its address as workerUrl; where it demands Trusted Types, allow the policy hone.";

/** The port of the worker this is called in. @throws Internal outside of a worker. */
export function workerPort(): ServerPort {
  const threads = nodeThreads();
  if (threads !== undefined) {
    const { parentPort } = threads;
    if (parentPort === null) throw notInWorker();
    return {
      post: (message, transfer) => parentPort.postMessage(message, transfer as NodeMovable[]),
      listen(message) {
        parentPort.on("messageerror", rethrow);
        parentPort.on("message", message);
      },
    };
  }
  const scope = globalThis as unknown as PageWorkerScope;
  if (typeof document !== "undefined" || typeof scope.postMessage !== "function") {
    throw notInWorker();
  }
  return {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen(message) {
      // A page's worker reports a thrown error to its owner, but not a rejection nobody handles.
      scope.addEventListener("unhandledrejection", (event) => rethrow(event.reason));
      scope.addEventListener("messageerror", () =>
        rethrow(new Error("a message could not be read")),
      );
      scope.addEventListener("message", (event) => message(event.data));
    },
  };
}

/** Node's types have a MessagePort of their own. */
type NodeMovable = import("node:worker_threads").Transferable;

type NodeThreads = ReturnType<typeof process.getBuiltinModule<"node:worker_threads">>;

/** What a page's worker has as `self`; lib.dom describes a page's own global object only. */
interface PageWorkerScope {
  postMessage(message: unknown, transfer: readonly Movable[]): void;
  addEventListener(
    type: "message" | "messageerror" | "unhandledrejection",
    listener: (event: { readonly data: unknown; readonly reason: unknown }) => void,
  ): void;
}

/** Node's module of worker threads; undefined in a page. */
export function nodeThreads(): NodeThreads | undefined {
  // Electron's pages have both, and cannot start worker threads.
  if (typeof document !== "undefined" && typeof Worker === "function") return undefined;
  const host = (globalThis as { readonly process?: Partial<NodeJS.Process> }).process;
  return host?.getBuiltinModule?.("node:worker_threads");
}

function spawnInNode(threads: NodeThreads, { code, url, name }: WorkerSource): WorkerPort {
  // Without execArgv a worker inherits `--input-type`, which turns the script into a module.
  const options = { name, execArgv: [] };
  const worker =
    url === undefined
      ? new threads.Worker(code, { ...options, eval: true })
      : new threads.Worker(new URL(String(url)), options);
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as NodeMovable[]),
    listen({ message, failure }) {
      worker.on("message", message);
      worker.on("error", (error) =>
        failure(`its worker threw: ${textOf(error)}`, { cause: error }),
      );
      worker.on("messageerror", (error) =>
        failure("a message could not be read", { cause: error }),
      );
      worker.on("exit", (code) => failure(`its worker ended with code ${code}`));
    },
    hold: (held) => (held ? worker.ref() : worker.unref()),
    async terminate() {
      await worker.terminate();
    },
  };
}

function textOf(error: unknown): string {
  return messageOf(error).replace(/\.$/, "");
}

/** An error thrown by a listener ends the worker, and its owner hears of it. */
function rethrow(error: unknown): never {
  throw error;
}

function notInWorker(): HoneError {
  const what = "workerPort() was called outside of a worker. Call it in a worker's own script.";
  return new HoneError("Internal", "workerPort", what);
}
