/** A person's own set: one folder with the four IDX files, named as MNIST's are. */
import { HoneError } from "@hone/core/backend";
import { imageDataset, type NamedBytes } from "./image-dataset.js";
import type { DatasetPair } from "./official.js";
import { type Folder, openFolder } from "./storage.js";

/**
 * Opens `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 * `t10k-labels-idx1-ubyte` (each also with `.gz`; images with colours `idx4`) of a folder. There are
 * as many classes as the largest training label asks for.
 * @throws BadData naming the file that is missing, damaged, or does not fit the others.
 */
export async function idxFolder(folder: string): Promise<DatasetPair> {
  if (typeof folder !== "string") {
    const what = `the folder is of type ${typeof folder}. Give its path.`;
    throw new HoneError("BadArgument", "idxFolder", what);
  }
  const files = openFolder(folder);
  const train = await imageDataset({
    name: `${folder} train`,
    images: await readFile(files, "train-images", [3, 4]),
    labels: await readFile(files, "train-labels", [1]),
    source: folder,
  });
  const testImages = await readFile(files, "t10k-images", [3, 4]);
  const test = await imageDataset({
    name: `${folder} test`,
    images: testImages,
    labels: await readFile(files, "t10k-labels", [1]),
    classNames: train.classNames,
    source: folder,
  });
  const trainShape = train.columns.x.shape.join(", ");
  const testShape = test.columns.x.shape.join(", ");
  if (trainShape !== testShape) {
    throw new HoneError(
      "BadData",
      testImages.where,
      `its images have the shape [${testShape}], but those for training have [${trainShape}]. ` +
        "Give all images one shape.",
    );
  }
  return { train, test };
}

async function readFile(
  folder: Folder,
  stem: string,
  ranks: readonly number[],
): Promise<NamedBytes> {
  const names = ranks.flatMap((rank) => [
    `${stem}-idx${rank}-ubyte`,
    `${stem}-idx${rank}-ubyte.gz`,
  ]);
  for (const name of names) {
    const bytes = await folder.read(name);
    if (bytes !== undefined) return { bytes, where: folder.locate(name) };
  }
  throw new HoneError(
    "BadData",
    folder.locate(names[0] as string),
    `it is not there, nor is any of ${names.slice(1).join(", ")}. Put the file into the folder.`,
  );
}
