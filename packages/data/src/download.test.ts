import { expect, test } from "vitest";
import { download } from "./download.js";
import { serve } from "./test/small-set.js";

test("a server that falls silent is given up after the time allowed", async () => {
  const address = await serve((_, response) => response.write("abc"));
  await expect(download(address, { bytes: 10, stallMs: 50 })).rejects.toMatchObject({
    kind: "BadData",
    message: expect.stringContaining("nothing received for 0.05 s"),
  });
});

test("an answer longer than the file is cut off at once", async () => {
  let closed = false;
  const address = await serve((_, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(1000)), 5);
    response.on("close", () => {
      closed = true;
      clearInterval(timer);
    });
  });
  await expect(download(address, { bytes: 1500 })).rejects.toThrow(/more than the 1500 bytes/);
  await expect.poll(() => closed).toBe(true);
});
