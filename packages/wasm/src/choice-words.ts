/** What to say where wasm does not run, or on one thread alone; loaded then. */

/** Why there is no WebAssembly with SIMD here. */
export function absence(): { readonly ok: false; readonly reason: string; readonly hint: string } {
  if (typeof WebAssembly !== "object") {
    return {
      ok: false,
      reason: "there is no WebAssembly here",
      hint: "Use a browser from 2021 on (Chrome 91, Firefox 89, Safari 16.4) or Node 20, and allow 'wasm-unsafe-eval' in the Content-Security-Policy.",
    };
  }
  return {
    ok: false,
    reason: "WebAssembly has no SIMD here",
    hint: "Use Chrome 91, Firefox 89, Safari 16.4, Node 20 or later, on a processor with SSE4.1 or NEON.",
  };
}

/** Why there is one thread although more would help, and what would bring them. */
export function oneOf(processors: number): string {
  return `It computes on 1 of ${processors} processors, because this page's memory cannot be shared. Serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.`;
}
