/** Draws the digits on a thread of its own, so that the page answers meanwhile. */
import { digits } from "@hone/data";

const scope = globalThis as unknown as Pick<Worker, "postMessage">;

digits().then(
  (pair) => {
    const arrays = [pair.train, pair.test].flatMap(({ columns }) =>
      Object.values(columns).map(({ data }) => data.buffer as ArrayBuffer),
    );
    scope.postMessage(pair, [...new Set(arrays)]);
  },
  (error: unknown) => scope.postMessage({ failed: `${error}` }),
);
