/** Data sets by name, as the command line knows them. */
import { checkOptions, HoneError, isText } from "@hone/core/backend";
import { filesOf, OFFICIAL_SETS, type OfficialName, type OfficialSet } from "./catalog.js";
import { type DigitsOptions, digits, knownDigits, TEST_ROWS, TRAIN_ROWS } from "./digits/digits.js";
import { idxFolder } from "./idx-folder.js";
import {
  type DatasetPair,
  isAtHand,
  knownOfficial,
  type OfficialOptions,
  openOfficial,
} from "./official.js";
import { isFolder } from "./storage-node.js";

export type DatasetName = OfficialName | "digits";

export const DATASET_NAMES: readonly DatasetName[] = ["mnist", "fashion-mnist", "digits"];

/**
 * MNIST: 60,000 and 10,000 handwritten digits, x uint8 [28, 28] with scale 1/255, y uint8 labels.
 * @throws BadData when it cannot be had, or a file is not the official one; Aborted.
 */
export async function mnist(options: OfficialOptions = {}): Promise<DatasetPair> {
  checkOptions("mnist", options, knownOfficial);
  return openOfficial(OFFICIAL_SETS.mnist, options);
}

/**
 * Fashion-MNIST: 60,000 and 10,000 articles of clothing, shaped as MNIST is.
 * @throws BadData when it cannot be had, or a file is not the official one; Aborted.
 */
export async function fashionMnist(options: OfficialOptions = {}): Promise<DatasetPair> {
  checkOptions("fashionMnist", options, knownOfficial);
  return openOfficial(OFFICIAL_SETS["fashion-mnist"], options);
}

/**
 * Opens a set by its name, or a folder with four IDX files by its path (`./mnist` is a folder,
 * `mnist` the set). A set asked for by name is never replaced by another.
 * @throws BadArgument for a name that is neither, listing the names; BadData; Aborted.
 */
export async function openDataset(
  name: string,
  options: OfficialOptions & DigitsOptions = {},
): Promise<DatasetPair> {
  if (!isText(name)) {
    const what = `the name is of type ${typeof name}. Give a name, or the path of a folder.`;
    throw new HoneError("BadArgument", "openDataset", what);
  }
  checkOptions("openDataset", options, { ...knownOfficial, ...knownDigits });
  if (name === "digits") {
    const { seed, train, test } = options;
    return digits({ seed, train, test });
  }
  if (Object.hasOwn(OFFICIAL_SETS, name)) {
    return openOfficial(OFFICIAL_SETS[name as OfficialName], options);
  }
  if (/[/\\]/.test(name) || (await isFolder(name))) return idxFolder(name);
  throw new HoneError(
    "BadArgument",
    "openDataset",
    `there is no data set "${name}" and no folder of that name. ` +
      `Choose ${DATASET_NAMES.join(", ")}, or give the path of a folder with four IDX files.`,
  );
}

export interface DatasetInfo {
  readonly name: DatasetName;
  readonly description: string;
  readonly trainRows: number;
  readonly testRows: number;
  readonly shape: readonly number[];
  readonly classNames: readonly string[];
  readonly synthetic: boolean;
  /** Of the files to download; 0 for what is drawn by code. */
  readonly downloadBytes: number;
  /** Where it would be read from; undefined when it must be downloaded first. */
  readonly place: string | undefined;
}

/** What `openDataset` knows by name and where each set would come from; reads and fetches nothing. */
export async function listDatasets(
  options: Pick<OfficialOptions, "folder"> = {},
): Promise<readonly DatasetInfo[]> {
  checkOptions("listDatasets", options, { folder: knownOfficial.folder });
  const official = Object.values(OFFICIAL_SETS).map((set) => describe(set, options.folder));
  return [
    ...(await Promise.all(official)),
    {
      name: "digits",
      description: "synthetic digits, drawn by code",
      trainRows: TRAIN_ROWS,
      testRows: TEST_ROWS,
      shape: [28, 28],
      classNames: OFFICIAL_SETS.mnist.classNames,
      synthetic: true,
      downloadBytes: 0,
      place: "drawn by code",
    },
  ];
}

async function describe(set: OfficialSet, folder: string | undefined): Promise<DatasetInfo> {
  return {
    name: set.name,
    description: set.description,
    trainRows: set.train.rows,
    testRows: set.test.rows,
    shape: [28, 28],
    classNames: set.classNames,
    synthetic: false,
    downloadBytes: filesOf(set).reduce((sum, file) => sum + file.bytes, 0),
    place: await isAtHand(set, folder),
  };
}
