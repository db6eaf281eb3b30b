/** A page that may keep nothing: a frame without an origin, as a sandboxed preview or an embedded widget is. */
import { onTestFinished } from "vitest";

/**
 * Runs a classic script in such a frame and sends it `message`.
 * @returns what the script posts to its parent
 */
export function inSandbox(script: string, message?: unknown): Promise<unknown> {
  const frame = document.createElement("iframe");
  frame.sandbox.add("allow-scripts");
  frame.srcdoc = `<script>${script.replaceAll("</script", "<\\/script")}</script>`;
  const told = new Promise((resolve) => {
    const listen = ({ source, data }: MessageEvent) => {
      if (source !== frame.contentWindow) return;
      window.removeEventListener("message", listen);
      resolve(data);
    };
    window.addEventListener("message", listen);
  });
  frame.onload = () => frame.contentWindow?.postMessage(message, "*");
  document.body.append(frame);
  onTestFinished(() => frame.remove());
  return told;
}
