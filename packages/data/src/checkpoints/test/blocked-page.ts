/** What a page does that may keep nothing: asks the store for what is there, saves, and tells what it threw. */
import { browserCheckpoints } from "../browser.js";
import { checkpointOf } from "./example.js";

async function main() {
  const store = browserCheckpoints("blocked");
  const tried = await Promise.allSettled([store.latest(), store.save(checkpointOf(1))]);
  const told = tried.map((result) =>
    result.status === "fulfilled"
      ? "no error"
      : `${result.reason.kind}: ${result.reason.message ?? result.reason}`,
  );
  parent.postMessage(told, "*");
}

void main();
