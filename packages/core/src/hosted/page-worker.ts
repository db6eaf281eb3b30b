/** A page's Worker, and why one does not start: the browser's own event says nothing of it. */
import type { WorkerListeners, WorkerPort, WorkerSource } from "./ports.js";
import { trustedAddress, type WorkerAddress } from "./worker-address.js";

export function spawnInPage({ code, url, name }: WorkerSource): WorkerPort {
  const blobUrl =
    url === undefined
      ? URL.createObjectURL(new Blob([code], { type: "text/javascript" }))
      : undefined;
  let revocable = blobUrl;
  const revoke = () => {
    if (revocable !== undefined) URL.revokeObjectURL(revocable);
    revocable = undefined;
  };
  const worker = startInPage(blobUrl ?? url ?? "", name, revoke);
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    listen: (listeners) => listenInPage(worker, listeners, { url, revoke }),
    hold() {},
    async terminate() {
      revoke();
      worker.terminate();
    },
  };
}

function startInPage(address: WorkerAddress, name: string, revoke: () => void): Worker {
  try {
    return new Worker(trustedAddress(address), { name });
  } catch (error) {
    revoke();
    throw error;
  }
}

const NOT_LOADED = "its worker's script could not be loaded";

function listenInPage(
  worker: Worker,
  listeners: WorkerListeners,
  of: { readonly url: WorkerAddress | undefined; readonly revoke: () => void },
): void {
  worker.addEventListener("message", (event) => {
    // Not sooner: some browsers fetch the script only after the constructor has returned.
    of.revoke();
    listeners.message(event.data);
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    // A script that cannot be loaded gives an event without a message.
    if (event.message) {
      listeners.failure(`its worker threw: ${event.message}`, { cause: event.error });
    } else if (of.url === undefined) {
      listeners.failure(NOT_LOADED);
    } else {
      const url = String(of.url);
      void import("./why-not-loaded.js")
        .then(({ whyNotLoaded }) => whyNotLoaded(url, NOT_LOADED))
        .catch(() => ({ reason: NOT_LOADED }))
        .then(({ reason, ...more }) => listeners.failure(reason, more));
    }
  });
  worker.addEventListener("messageerror", () => listeners.failure("a message could not be read"));
}
