import { HoneError } from "@hone/core/backend";

/** The error for what a browser refused, by the name and words it gave. */
export function browserFailure(
  place: string,
  verb: "opened" | "read" | "written" | "removed",
  cause: unknown,
): HoneError {
  const { name = "", message = String(cause) } = (cause ?? {}) as Partial<Error>;
  const reason = `${name}: ${message}`.replace(/^: |[.\s]+$/g, "");
  // Nobody here aborts a write: Chromium tells a full storage in two ways, by chance, and `estimate` hides the quota.
  const isFull = name === "QuotaExceededError" || (verb === "written" && name === "AbortError");
  const help = isFull ? "Make room in this site's storage" : "Allow the site to store data";
  const kept = verb === "written" ? " Checkpoints saved before are still there." : "";
  return new HoneError("BadData", place, `it cannot be ${verb} (${reason}). ${help}.${kept}`, {
    cause,
  });
}

/** Runs a task while no page or worker of this site runs one of that name, where the browser has locks. */
export function aloneInSite<Value>(name: string, task: () => Promise<Value>): Promise<Value> {
  const { locks } = navigator;
  return locks ? (locks.request(name, task) as Promise<Value>) : task();
}
