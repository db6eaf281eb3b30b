/** RowMaps and ColumnMaps: what normalisations, softmax, bias gradients and statistics are fused to, at odd extents. */
import { Formula, type Value } from "@hone/core/internals";
import { type CaseInput, normal, type OpCase, summed, transcendental, uniform } from "./case.js";

type Write = (formula: Formula, ...inputs: readonly Value[]) => Value[];

interface Pattern {
  readonly name: string;
  readonly inputs: (rows: number, columns: number) => readonly CaseInput[];
  readonly write: (columns: number) => Write;
  readonly tolerance?: OpCase["tolerance"];
}

const sum = (x: Value) => x.formula.reduction("Sum", x);
const rsqrt = (x: Value) => x.formula.operation("Rsqrt", x);
const exp = (x: Value) => x.formula.operation("Exp", x);
const terms = {
  ...summed,
  absolute: 2e-5,
  relative: 2e-5,
  reason: "sums that cancel, and what is divided by their root",
};

const ROWS: readonly Pattern[] = [
  {
    name: "a softmax",
    inputs: (rows, columns) => [normal(rows, columns)],
    write: () => (f, x) => {
      const power = exp((x as Value).minus(f.reduction("Max", x as Value)));
      return [power.over(sum(power))];
    },
    tolerance: transcendental,
  },
  {
    name: "a softmax's gradient, of a factor",
    inputs: (rows, columns) => [normal(rows, columns), uniform(0, 1, rows, columns)],
    write: () => (_f, dy, y) => {
      const weighted = sum((dy as Value).times(y as Value));
      return [
        (dy as Value)
          .minus(weighted)
          .times(y as Value)
          .times(0.25),
      ];
    },
    tolerance: terms,
  },
  {
    name: "a layer normalisation with all that its gradient needs",
    inputs: (rows, columns) => [normal(rows, columns), normal(columns), normal(1, columns)],
    write: (columns) => (_f, x, gamma, beta) => {
      const centred = (x as Value).minus(sum(x as Value).over(columns));
      const size = rsqrt(sum(centred.square()).over(columns).plus(1e-3));
      const y = centred.times(size);
      return [y.times(gamma as Value).plus(beta as Value), centred, size, y];
    },
    tolerance: terms,
  },
  {
    name: "sums alone, with a number of each row and one for all",
    inputs: (rows, columns) => [normal(rows, columns), normal(rows, 1), normal(1)],
    write: () => (f, x, own, all) => [
      sum((x as Value).times(all as Value)).plus(own as Value),
      f.reduction("Max", (x as Value).minus(own as Value)),
    ],
    tolerance: terms,
  },
];

const COLUMNS: readonly Pattern[] = [
  {
    name: "a bias gradient behind a relu's",
    inputs: (rows, columns) => [normal(rows, columns), normal(rows, columns)],
    write: () => (f, dy, y) => {
      const dx = (dy as Value).times(f.operation("Step", y as Value, 0));
      return [dx, sum(dx)];
    },
    tolerance: terms,
  },
  {
    name: "variances with what follows them, and a moving one",
    inputs: (rows, columns) => [
      normal(rows, columns),
      normal(columns),
      uniform(0.5, 2, columns),
      normal(1, columns),
    ],
    write: () => (_f, x, mean, moving, gamma) => {
      const centred = (x as Value).minus(mean as Value);
      const variance = sum(centred.square()).over(10);
      const scale = rsqrt(variance.plus(1e-3));
      const next = (moving as Value).times(0.99).plus(variance.times(0.01));
      return [centred, next, scale.times(gamma as Value), scale];
    },
    tolerance: terms,
  },
  {
    name: "two sums of rows with numbers of their own",
    inputs: (rows, columns) => [normal(rows, columns), normal(rows, 1), normal(1)],
    write: () => (_f, x, own, all) => [
      sum((x as Value).times(own as Value)),
      sum((x as Value).plus(all as Value)).times(0.5),
    ],
    tolerance: terms,
  },
];

const cases = (
  op: "RowMap" | "ColumnMap",
  patterns: readonly Pattern[],
  extents: readonly (readonly [rows: number, columns: number])[],
) =>
  patterns.flatMap(({ name, inputs, write, tolerance }) =>
    extents.map(([rows, columns]): OpCase => {
      const formula = new Formula();
      const operands = inputs(rows, columns);
      const values = operands.map((_, index) => formula.input(index));
      const results = write(columns)(formula, ...values);
      return {
        op,
        name: `${name}, ${rows}x${columns}`,
        inputs: operands,
        attributes: { ...formula.attributes(results), axes: [op === "RowMap" ? 1 : 0] },
        results: results.length,
        tolerance: tolerance ?? terms,
      };
    }),
  );

export const reducingMapCases: readonly OpCase[] = [
  ...cases("RowMap", ROWS, [
    [5, 1],
    [1, 7],
    [3, 10],
    [67, 64],
    [9, 1027],
  ]),
  ...cases("ColumnMap", COLUMNS, [
    [1, 5],
    [7, 4],
    [300, 13],
    [1000, 34],
    [64, 131],
  ]),
];
