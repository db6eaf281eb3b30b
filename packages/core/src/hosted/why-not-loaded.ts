/** Why a worker's script does not load; itself loaded where one has not. */

/** What the browser does not say: asks for the script once more, to see what the page got. */
export async function whyNotLoaded(
  url: string,
  reason: string,
): Promise<{ reason: string; hint?: string }> {
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
