/**
 * The official files of the two public sets: sizes, SHA-256 and mirrors. A set asked for by name is
 * these bytes and no others, wherever they were found.
 */

export type OfficialName = "mnist" | "fashion-mnist";

export interface OfficialFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal, of the gzip file as downloaded. */
  readonly sha256: string;
}

/** The images of one part of a set and their labels. */
export interface OfficialPart {
  readonly rows: number;
  readonly images: OfficialFile;
  readonly labels: OfficialFile;
}

export interface OfficialSet {
  /** Also the name of its subfolder in `HONE_DATA` and in the cache. */
  readonly name: OfficialName;
  readonly description: string;
  readonly classNames: readonly string[];
  readonly train: OfficialPart;
  readonly test: OfficialPart;
  /** Folders of the files, tried in order; each ends with a slash. */
  readonly mirrors: readonly string[];
}

export const OFFICIAL_SETS: Readonly<Record<OfficialName, OfficialSet>> = {
  mnist: {
    name: "mnist",
    description: "handwritten digits (LeCun, Cortes, Burges)",
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    train: {
      rows: 60_000,
      images: {
        name: "train-images-idx3-ubyte.gz",
        bytes: 9_912_422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      },
      labels: {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 28_881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      },
    },
    test: {
      rows: 10_000,
      images: {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 1_648_877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      },
      labels: {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 4_542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      },
    },
    mirrors: [
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ],
  },
  "fashion-mnist": {
    name: "fashion-mnist",
    description: "articles of clothing (Xiao, Rasul, Vollgraf; Zalando)",
    classNames: [
      "T-shirt/top",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ],
    train: {
      rows: 60_000,
      images: {
        name: "train-images-idx3-ubyte.gz",
        bytes: 26_421_880,
        sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      },
      labels: {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 29_515,
        sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      },
    },
    test: {
      rows: 10_000,
      images: {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 4_422_102,
        sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      },
      labels: {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 5_148,
        sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
      },
    },
    mirrors: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
  },
};

/** The four files of a set, images before labels, training before test. */
export function filesOf(set: OfficialSet): readonly OfficialFile[] {
  return [set.train.images, set.train.labels, set.test.images, set.test.labels];
}
