/** Ops that move elements: ranks 1 to 6, odd sizes, nothing computed. */
import { exact, integers, normal, type OpCase, rounded } from "./case.js";

const transposes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[7], [0]],
  [
    [5, 9],
    [1, 0],
  ],
  [
    [33, 65],
    [1, 0],
  ],
  [
    [2, 3, 5],
    [2, 0, 1],
  ],
  [
    [2, 5, 4, 3],
    [0, 3, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [0, 2, 1, 3],
  ],
  [
    [2, 1, 3, 2, 4],
    [4, 2, 0, 3, 1],
  ],
  [
    [2, 3, 1, 2, 3, 2],
    [5, 3, 1, 4, 2, 0],
  ],
];

const concats: readonly (readonly [string, number, readonly (readonly number[])[]])[] = [
  ["of rows", 0, [[3], [5], [1]]],
  [
    "along the first axis",
    0,
    [
      [2, 7],
      [3, 7],
    ],
  ],
  [
    "of channels",
    3,
    [
      [2, 3, 3, 4],
      [2, 3, 3, 1],
      [2, 3, 3, 9],
    ],
  ],
  [
    "in the middle",
    1,
    [
      [2, 1, 5],
      [2, 4, 5],
    ],
  ],
  ["of one tensor", 1, [[3, 4]]],
  ["of nine tensors", 1, Array.from({ length: 9 }, (_, index) => [2, index + 1])],
  ["of sixty tensors", 1, Array.from({ length: 60 }, (_, index) => [2, (index % 3) + 1, 2])],
];

const slices: readonly (readonly [string, number[], number[], number[]])[] = [
  ["from the middle of a row", [11], [3], [5]],
  ["of the last channels", [2, 3, 4, 9], [0, 0, 0, 6], [2, 3, 4, 3]],
  ["on every axis", [4, 5, 6], [1, 2, 3], [2, 1, 3]],
  ["of rank 6", [2, 3, 2, 3, 2, 3], [0, 1, 1, 0, 0, 2], [2, 2, 1, 3, 2, 1]],
  ["of everything", [3, 4], [0, 0], [3, 4]],
];

/** Ranges of one tensor, each read by a slice: [begin, size]. */
const ranges: readonly (readonly [string, number[], readonly (readonly [number[], number[]])[]])[] =
  [
    [
      "that are the whole",
      [2, 12],
      [0, 3, 6, 9].map((at) => [
        [0, at],
        [2, 3],
      ]),
    ],
    [
      "out of order, one twice, with gaps",
      [3, 10, 2],
      [
        [
          [0, 6, 0],
          [3, 3, 2],
        ],
        [
          [0, 1, 0],
          [3, 2, 2],
        ],
        [
          [0, 3, 0],
          [3, 1, 2],
        ],
        [
          [0, 1, 0],
          [3, 2, 2],
        ],
      ],
    ],
    [
      "that overlap, and on other axes",
      [4, 6],
      [
        [
          [0, 0],
          [4, 3],
        ],
        [
          [0, 2],
          [4, 3],
        ],
        [
          [0, 3],
          [4, 3],
        ],
        [
          [1, 0],
          [2, 6],
        ],
        [
          [1, 2],
          [2, 3],
        ],
        [
          [0, 0],
          [4, 6],
        ],
      ],
    ],
    [
      "of sixty steps",
      [2, 60, 3],
      Array.from({ length: 60 }, (_, at) => [
        [0, at, 0],
        [2, 1, 3],
      ]),
    ],
  ];

const pads: readonly (readonly [string, number[], number[], number])[] = [
  ["of a row, unequal", [5], [2, 3], 0],
  ["of images", [2, 4, 5, 3], [0, 0, 1, 2, 0, 3, 0, 0], 0],
  ["with another number", [3, 4], [1, 0, 0, 2], -1.5],
  ["by nothing", [3, 4], [0, 0, 0, 0], 9],
];

const tiles: readonly (readonly [string, number[], number[]])[] = [
  ["of a row", [5], [3]],
  ["of inner and outer axes", [2, 3, 1], [3, 1, 4]],
  ["of every axis of images", [1, 2, 3, 2], [2, 2, 1, 3]],
  ["by one", [3, 4], [1, 1]],
];

const moved = { tolerance: exact, gradient: "differences" } as const;

export const shapeCases: readonly OpCase[] = [
  ...transposes.map(
    ([shape, perm]): OpCase => ({
      op: "Transpose",
      name: `of [${shape}] by [${perm}]`,
      inputs: [normal(...shape)],
      attributes: { perm },
      ...moved,
    }),
  ),
  {
    op: "Transpose",
    name: "of whole numbers",
    inputs: [integers(-9, 9, 3, 5)],
    attributes: { perm: [1, 0] },
    tolerance: exact,
  },
  ...concats.map(
    ([name, axis, shapes]): OpCase => ({
      op: "Concat",
      name,
      inputs: shapes.map((shape) => normal(...shape)),
      attributes: { axis },
      ...moved,
    }),
  ),
  {
    op: "Concat",
    name: "of a tensor with itself",
    inputs: [normal(3, 4)],
    nodes: [{ op: "Concat", inputs: [0, 0], attributes: { axis: 1 } }],
    ...moved,
  },
  ...slices.map(
    ([name, shape, begin, size]): OpCase => ({
      op: "Slice",
      name,
      inputs: [normal(...shape)],
      attributes: { begin, size },
      ...moved,
    }),
  ),
  ...ranges.map(
    ([name, shape, parts]): OpCase => ({
      op: "Slice",
      name: `and slices of the same ${name}`,
      inputs: [normal(...shape)],
      nodes: [
        ...parts.map(([begin, size]) => ({
          op: "Slice",
          inputs: [0],
          attributes: { begin, size },
        })),
        { op: "Neg", inputs: [0] },
      ],
      alsoCompared: parts.map((_, at) => at),
      ...moved,
      tolerance: rounded,
    }),
  ),
  ...pads.map(
    ([name, shape, paddings, constantValue]): OpCase => ({
      op: "PadV2",
      name,
      inputs: [normal(...shape)],
      attributes: { paddings, constantValue },
      ...moved,
    }),
  ),
  ...tiles.map(
    ([name, shape, reps]): OpCase => ({
      op: "Tile",
      name,
      inputs: [normal(...shape)],
      attributes: { reps },
      ...moved,
    }),
  ),
  {
    op: "Reshape",
    name: "between two ops shares their memory",
    inputs: [normal(3, 8)],
    nodes: [
      { op: "Neg", inputs: [0] },
      { op: "Reshape", inputs: [1], attributes: { shape: [4, 6] } },
      { op: "Transpose", inputs: [2], attributes: { perm: [1, 0] } },
    ],
    ...moved,
  },
];
