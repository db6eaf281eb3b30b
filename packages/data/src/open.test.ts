import { join } from "node:path";
import { type PlainDataset, validateDataset } from "@hone/core";
import { expect, test, vi } from "vitest";
import { DATASET_NAMES, fashionMnist, listDatasets, mnist, openDataset } from "./index.js";
import { smallFiles, temporaryFolder, writeFiles } from "./test/small-set.js";

function meanPixel({ columns }: PlainDataset): number {
  let sum = 0;
  for (const value of columns.x.data) sum += value;
  return (sum / columns.x.data.length) * columns.x.scale;
}

// These read the official files: from HONE_DATA, the cache, or the network, as a user's run does.

test("MNIST has its published counts, shapes and first labels", async () => {
  const { train, test: held } = await mnist();
  for (const [set, rows] of [
    [train, 60_000],
    [held, 10_000],
  ] as const) {
    validateDataset(set);
    expect(set.rows).toBe(rows);
    expect(set.columns.x).toMatchObject({ shape: [28, 28], scale: 1 / 255, offset: 0 });
    expect(set.columns.x.data).toBeInstanceOf(Uint8Array);
    expect(set.columns.x.data).toHaveLength(rows * 784);
    expect(set.columns.y.shape).toEqual([]);
  }
  expect([...train.columns.y.data.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  // The mean of the training pixels, 0.1307, is the figure everyone normalises MNIST with.
  expect(meanPixel(train)).toBeCloseTo(0.1307, 4);
});

test("Fashion-MNIST has its own images and class names", async () => {
  const { train, test: held } = await openDataset("fashion-mnist");
  expect([train.rows, held.rows]).toEqual([60_000, 10_000]);
  expect([...train.columns.y.data.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0]);
  expect(train.classNames?.[9]).toBe("Ankle boot");
  expect(meanPixel(train)).toBeCloseTo(0.286, 4);
  await expect(fashionMnist({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    kind: "Aborted",
  });
});

test("an unknown name is refused with the names there are", async () => {
  for (const name of ["minst", "constructor", ""]) {
    await expect(openDataset(name)).rejects.toMatchObject({
      kind: "BadArgument",
      message: expect.stringContaining(`Choose ${DATASET_NAMES.join(", ")}, or give the path`),
    });
  }
});

test("a set asked for by name is never replaced by the synthetic one", async () => {
  const empty = await temporaryFolder();
  vi.stubEnv("HONE_DATA", empty);
  vi.stubEnv("XDG_CACHE_HOME", empty);
  try {
    await expect(openDataset("mnist", { download: false })).rejects.toMatchObject({
      kind: "BadData",
    });
    expect((await openDataset("digits", { train: 20, test: 10 })).train.synthetic).toBe(true);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("the list says where each set would come from", async () => {
  const folder = await temporaryFolder();
  await writeFiles(join(folder, "mnist"), smallFiles());
  vi.stubEnv("HONE_DATA", folder);
  vi.stubEnv("XDG_CACHE_HOME", folder);
  try {
    const sets = await listDatasets();
    expect(sets.map(({ name, place }) => [name, place])).toEqual([
      ["mnist", `HONE_DATA ${folder}`],
      ["fashion-mnist", undefined],
      ...["digits", "shapes", "scenes", "sines", "sums", "sentences"].map((name) => [
        name,
        "drawn by code",
      ]),
    ]);
    expect(sets[1]?.downloadBytes).toBe(30_878_645);
  } finally {
    vi.unstubAllEnvs();
  }
});
