import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { idxFolder, openDataset } from "./index.js";
import { idxFile, ramp, smallFiles, temporaryFolder, writeFiles } from "./test/small-set.js";

async function folderWith(changes: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder();
  await writeFiles(folder, { ...smallFiles(), ...changes });
  return folder;
}

test("a folder of gzip files opens by its path, with a class for each label", async () => {
  const folder = await folderWith({});
  const { train, test: held } = await openDataset(folder);
  expect([train.rows, held.rows]).toEqual([6, 3]);
  expect(train.columns.x.shape).toEqual([2, 3]);
  expect(train.columns.x.scale).toBe(1 / 255);
  expect([...held.columns.y.data]).toEqual([2, 1, 0]);
  expect(held.classNames).toEqual(["0", "1", "2"]);
  expect(train.synthetic).toBeUndefined();
});

test("files without gzip and images with colours open too", async () => {
  const folder = await temporaryFolder();
  for (const [name, bytes] of Object.entries(smallFiles())) {
    await writeFiles(folder, { [name.replace(".gz", "")]: gunzipSync(bytes) });
  }
  expect((await idxFolder(folder)).train.rows).toBe(6);

  const colours = await temporaryFolder();
  await writeFiles(colours, {
    "train-images-idx4-ubyte": idxFile([2, 4, 5, 3], ramp([2, 4, 5, 3])),
    "train-labels-idx1-ubyte": idxFile([2], [0, 1]),
    "t10k-images-idx4-ubyte": idxFile([1, 4, 5, 3], ramp([1, 4, 5, 3])),
    "t10k-labels-idx1-ubyte": idxFile([1], [1]),
  });
  expect((await idxFolder(colours)).test.columns.x.shape).toEqual([4, 5, 3]);
});

test("a missing file, a count that differs, exchanged files and foreign labels name the file", async () => {
  const files = smallFiles();
  const labels = files["train-labels-idx1-ubyte.gz"] as Buffer;
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    [
      "train-labels-idx1-ubyte.gz",
      idxFile([5], [0, 1, 2, 0, 1]),
      /5 labels, but .+ holds 6 images/,
    ],
    ["train-images-idx3-ubyte.gz", labels, /magic number is 0x00000801/],
    ["train-labels-idx1-ubyte.gz", labels.subarray(0, 20), /damaged or cut short/],
    [
      "t10k-labels-idx1-ubyte.gz",
      idxFile([3], [0, 9, 1]),
      /row 1 has label 9, but there are 3 classes/,
    ],
    [
      "t10k-images-idx3-ubyte.gz",
      idxFile([3, 3, 3], ramp([3, 3, 3])),
      /shape \[3, 3\], but .+ \[2, 3\]/,
    ],
  ];
  for (const [name, bytes, message] of cases) {
    const folder = await folderWith({ [name]: bytes });
    const error: unknown = await idxFolder(folder).catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: "BadData", message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(`[hone] ${folder}/${name}: `);
  }
  const empty = await temporaryFolder();
  await expect(idxFolder(empty)).rejects.toThrow(
    `${empty}/train-images-idx3-ubyte: it is not there`,
  );
});
