import { readFileSync } from "node:fs";

/** Milliseconds that this process's first thread has computed; undefined where Linux is not there to tell. */
export function computedMs(): number | undefined {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8");
    return Number(text.split(" ")[0]) / 1e6;
  } catch {
    return undefined;
  }
}
