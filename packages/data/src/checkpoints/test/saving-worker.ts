/** Saves in a worker of a browser that only writes in place, as some do. */
import { browserCheckpoints } from "../browser.js";
import { checkpointOf } from "./example.js";

self.onmessage = async ({ data: name }: MessageEvent<string>) => {
  delete (FileSystemFileHandle.prototype as { createWritable?: unknown }).createWritable;
  const store = browserCheckpoints(name);
  for (const step of [1, 2, 3, 4]) await store.save(checkpointOf(step, 100_000));
  const found = await store.latest();
  self.postMessage([found?.file, found?.checkpoint.tensors["parameter:0"]?.data.at(-1)]);
};
