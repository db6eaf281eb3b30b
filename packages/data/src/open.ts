/** Data sets by name, as the command line knows them. */
import { checkOptions, HoneError, isText } from "@hone/core/backend";
import { filesOf, OFFICIAL_SETS, type OfficialName, type OfficialSet } from "./catalog.js";
import { DIGITS, digits } from "./digits/digits.js";
import { idxFolder } from "./idx-folder.js";
import { knownMade, type MadeOptions } from "./made/made-set.js";
import { SCENE_CLASSES, SCENES, SHAPE_NAMES, SHAPES, scenes, shapes } from "./made/shapes.js";
import { SINES, sines } from "./made/sines.js";
import { LETTERS, OPINIONS, SENTENCES, SUMS, sentences, sums } from "./made/texts.js";
import {
  type DatasetPair,
  isAtHand,
  knownOfficial,
  type OfficialOptions,
  openOfficial,
} from "./official.js";
import { isFolder } from "./storage-node.js";

/** Sets that are drawn by code, and what each is. */
const MADE = {
  digits: {
    draw: digits,
    description: "digits, written by code",
    rows: DIGITS,
    shape: [28, 28],
    classNames: OFFICIAL_SETS.mnist.classNames,
  },
  shapes: {
    draw: shapes,
    description: "figures in colours, one a picture",
    rows: SHAPES,
    shape: [SHAPES.size, SHAPES.size, 3],
    classNames: SHAPE_NAMES,
  },
  scenes: {
    draw: scenes,
    description: "figures in colours, to be found pixel by pixel",
    rows: SCENES,
    shape: [SCENES.size, SCENES.size, 3],
    classNames: SCENE_CLASSES,
  },
  sines: {
    draw: sines,
    description: "waves, whose next number is to be foretold",
    rows: SINES,
    shape: [SINES.length, 1],
    classNames: [],
  },
  sums: {
    draw: sums,
    description: "sums as text, letter by letter",
    rows: SUMS,
    shape: [SUMS.length],
    classNames: LETTERS,
  },
  sentences: {
    draw: sentences,
    description: "sentences of a small grammar, which praise or blame",
    rows: SENTENCES,
    shape: [SENTENCES.length],
    classNames: OPINIONS,
  },
} as const;

export type MadeName = keyof typeof MADE;
/** The data sets that have names. */
export type DatasetName = OfficialName | MadeName;

const MADE_NAMES = Object.keys(MADE) as readonly MadeName[];
/** All of them. */
export const DATASET_NAMES: readonly DatasetName[] = ["mnist", "fashion-mnist", ...MADE_NAMES];

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
  options: OfficialOptions & MadeOptions = {},
): Promise<DatasetPair> {
  if (!isText(name)) {
    const what = `the name is of type ${typeof name}. Give a name, or the path of a folder.`;
    throw new HoneError("BadArgument", "openDataset", what);
  }
  checkOptions("openDataset", options, { ...knownOfficial, ...knownMade });
  if (Object.hasOwn(MADE, name)) {
    const { seed, train, test } = options;
    return MADE[name as MadeName].draw({ seed, train, test });
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

/** What is known of a data set before it is opened. */
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
  const made = MADE_NAMES.map((name): DatasetInfo => {
    const { description, rows, shape, classNames } = MADE[name];
    return {
      name,
      description: `synthetic: ${description}`,
      trainRows: rows.train,
      testRows: rows.test,
      shape,
      classNames,
      synthetic: true,
      downloadBytes: 0,
      place: "drawn by code",
    };
  });
  return [...(await Promise.all(official)), ...made];
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
