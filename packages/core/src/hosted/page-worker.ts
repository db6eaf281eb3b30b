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
      listeners.failure("its worker's script could not be loaded");
    } else {
      void whyNotLoaded(String(of.url)).then(({ reason, hint }) =>
        listeners.failure(reason, hint === undefined ? {} : { hint }),
      );
    }
  });
  worker.addEventListener("messageerror", () => listeners.failure("a message could not be read"));
}

/** Asks for the script once more, to see what the page got. */
async function whyNotLoaded(url: string): Promise<{ reason: string; hint?: string }> {
  const reason = "its worker's script could not be loaded";
  const answer = await fetch(url, { cache: "no-store" }).catch(() => undefined);
  if (answer === undefined) return { reason };
  if (!answer.ok) {
    return {
      reason: `${reason}: the server answers ${answer.status} at ${url}`,
      hint: "Serve dist/worker.js of the backend's package there, or give its address as workerUrl.",
    };
  }
  const type = answer.headers.get("content-type") ?? "";
  if (!/javascript|ecmascript|^$/.test(type)) {
    return {
      reason: `${reason}: ${url} is served as ${type}`,
      hint: "Serve dist/worker.js of the backend's package there, as text/javascript.",
    };
  }
  const embedder = answer.headers.get("cross-origin-embedder-policy");
  if (globalThis.crossOriginIsolated && embedder === null) {
    return {
      reason: `${reason}: this page has the header Cross-Origin-Embedder-Policy, and ${url} comes without it`,
      hint: "Serve the script with Cross-Origin-Embedder-Policy: require-corp too.",
    };
  }
  return { reason };
}
