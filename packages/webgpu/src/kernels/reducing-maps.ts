/** `RowMap` and `ColumnMap`: their expressions printed as WGSL, with sums and maxima by workgroup between them. */
import type { Call } from "@hone/core/kernels";
import { liveValues, operandsOf, type ReductionOf, reductionOf, stagesOf } from "@hone/core/maps";
import columnSums from "./column-sums.wgsl";
import { expressionLines } from "./expression-lines.js";
import {
  type Kernel,
  type Kernels,
  type Launch,
  launch,
  overElements,
  workspace,
} from "./kernel.js";
import { library } from "./library.js";
import { overRows } from "./over-rows.js";
import { bindings, functionsFor } from "./pointwise.js";
import { partsOf, spreadColumns, tileOf } from "./reduction-tiles.js";
import rowMapSource from "./row-map.wgsl";

const geometryOf = ({ op, inputs, attributes }: Call): ReductionOf =>
  reductionOf(
    op,
    inputs.map(({ shape }) => shape),
    attributes,
  );

/** The values of elements that these are made of, themselves among them, in order. */
function neededFor({ expression, isReduced }: ReductionOf, values: readonly number[]): number[] {
  const needed = new Set<number>();
  const visit = (value: number) => {
    if (needed.has(value) || isReduced[value]) return;
    needed.add(value);
    const instruction = expression.instructions[value];
    if (instruction) operandsOf(instruction).forEach(visit);
  };
  values.forEach(visit);
  return [...needed].sort((a, b) => a - b);
}

interface Sum {
  readonly index: number;
  readonly operand: number;
  readonly isSum: boolean;
}

const reductionsIn = ({ expression }: ReductionOf): Sum[] =>
  expression.instructions.flatMap((instruction, index) =>
    instruction.kind === "reduction"
      ? [{ index, operand: instruction.operands[0], isSum: instruction.name === "Sum" }]
      : [],
  );

/** Where an input's number is, by its reach. */
const elementsOf = (
  { reaches }: ReductionOf,
  names: readonly string[],
  at: { readonly element: string; readonly kept: string; readonly across: string },
) =>
  names.map((name, input) => {
    const reach = reaches[input] ?? "one";
    return `${name}[${reach === "one" ? "0" : at[reach]}]`;
  });

const rowMap: Kernel = (call, traits) => {
  const of = geometryOf(call);
  const { expression, isReduced, results: rows, terms: columns } = of;
  if (rows * columns === 0) return [];
  const { inputs, outputs, read, write } = bindings(call.inputs, call.outputs);
  const at = { element: "row * COLUMNS + column", kept: "row", across: "column" };
  const names = { inputs, elements: elementsOf(of, inputs, at) };
  const lines = (values: readonly number[]) => expressionLines(expression, values, names);
  const live = liveValues(expression);
  const stages = stagesOf(expression);
  const ofRows = (stage: number) =>
    lines(
      live.flatMap((is, index) =>
        is && isReduced[index] && stages[index] === stage ? [index] : [],
      ),
    );
  const each = (body: readonly string[]) => [
    "for (var column = lane % LANES; column < COLUMNS; column += LANES) {",
    ...body,
    "}",
  ];
  const sums = reductionsIn(of);
  const depth = Math.max(0, ...stages);
  const walks = Array.from({ length: depth }, (_, stage) => {
    const found = sums.filter(({ index }) => live[index] && stages[index] === stage + 1);
    return [
      ...found.map(
        ({ index, isSum }) => `var own${index} = ${isSum ? "0.0" : "from_bits(0xff800000u)"};`,
      ),
      ...each([
        ...lines(
          neededFor(
            of,
            found.map(({ operand }) => operand),
          ),
        ),
        ...found.map(({ index, operand, isSum }) => {
          const own = `own${index}`;
          return `${own} = ${isSum ? `${own} + v${operand}` : `maximum(${own}, v${operand})`};`;
        }),
      ]),
      ...found.map(({ index, isSum }) => {
        return `let v${index} = ${isSum ? "row_sum" : "row_maximum"}(lane, own${index});`;
      }),
      ...ofRows(stage + 1),
    ];
  });
  const stores = (areRows: boolean) =>
    outputs.flatMap((name, index) => {
      const value = expression.results[index] as number;
      return isReduced[value] === areRows
        ? [`${name}[${areRows ? at.kept : at.element}] = v${value};`]
        : [];
    });
  const ofElements = expression.results.filter((value) => !isReduced[value]);
  const body = [
    ...[...ofRows(0), ...walks.flat()],
    "if (!inside) { return; }",
    ...(ofElements.length > 0 ? each([...lines(neededFor(of, ofElements)), ...stores(false)]) : []),
    ...[`if (lane % LANES == 0u) {`, ...stores(true), "}"],
  ].join("\n  ");
  const makeRow = `fn make_row(row: u32, lane: u32, inside: bool) {\n  ${body}\n}\n`;
  const sources = [makeRow, rowMapSource, ...functionsFor(body)];
  return [overRows(rows, columns, traits, { sources, read, write })];
};

const columnMap: Kernel = (call, traits): readonly Launch[] => {
  const of = geometryOf(call);
  const { expression, isReduced, results: columns, terms: rows } = of;
  if (rows * columns === 0) return [];
  const sums = reductionsIn(of);
  const { parts, partDepth } = partsOf(columns, { depth: rows, inner: columns, traits });
  const { columns: side, lanes } = tileOf({ depth: partDepth, inner: columns, traits });
  const partial = workspace(parts * sums.length * columns);
  const live = liveValues(expression);
  const at = { element: "row * OUTPUTS + column", kept: "column", across: "row" };
  const reads = (values: readonly number[]) =>
    new Set(
      values.flatMap((value) => {
        const instruction = expression.instructions[value];
        return instruction?.kind === "input" ? [instruction.input] : [];
      }),
    );
  /** Lines that make those values and store results, with what they read and write. */
  const part = (values: readonly number[], areColumns: boolean, also: boolean) => {
    const read = reads(values);
    const isWanted = (result: number) =>
      also || isReduced[expression.results[result] as number] === areColumns;
    const outputs = call.outputs.filter((_, result) => isWanted(result));
    const bound = bindings(
      call.inputs.filter((_, input) => also || read.has(input)),
      outputs,
    );
    const named = <Item>(
      items: readonly Item[],
      names: readonly string[],
      has: (index: number) => boolean,
    ) => {
      let next = 0;
      return items.map((_, index) => (has(index) ? (names[next++] as string) : ""));
    };
    const inputs = named(call.inputs, bound.inputs, (input) => also || read.has(input));
    const results = named(call.outputs, bound.outputs, isWanted);
    return { ...bound, inputs, results };
  };
  const summed = neededFor(of, [
    ...sums.map(({ operand }) => operand),
    ...expression.results.filter((value) => !isReduced[value]),
  ]);
  const stages = stagesOf(expression);
  const before = live.flatMap((is, index) =>
    is && isReduced[index] && stages[index] === 0 ? [index] : [],
  );
  const after = live.flatMap((is, index) => (is && isReduced[index] ? [index] : []));
  const once = parts === 1;
  const first = part([...before, ...summed], false, once);
  const last = once ? first : part(after, true, false);
  const printed = (values: readonly number[], inputs: readonly string[]) =>
    expressionLines(expression, values, { inputs, elements: elementsOf(of, inputs, at) });
  const stores = (names: readonly string[], areColumns: boolean) =>
    names.flatMap((name, index) => {
      const value = expression.results[index] as number;
      return isReduced[value] === areColumns
        ? [`${name}[${areColumns ? at.kept : at.element}] = v${value};`]
        : [];
    });
  const adding = [
    ...printed([...before, ...summed], first.inputs),
    ...stores(first.results, false),
    ...sums.map(({ operand }, index) => `(*totals)[${index}] += v${operand};`),
  ].join("\n  ");
  const joining = [
    ...sums.map(({ index }, place) => `let v${index} = totals[${place}];`),
    ...printed(after, last.inputs),
    ...stores(last.results, true),
  ].join("\n  ");
  const keeping = sums
    .map((_, place) => `partial[(part * SUMS + ${place}u) * OUTPUTS + column] = totals[${place}];`)
    .join("\n  ");
  const totals = `alias Totals = array<f32, ${sums.length}>;`;
  const head = `fn finish(part: u32, column: u32, totals: Totals)`;
  const constants = { OUTPUTS: columns, PARTS: parts, SUMS: sums.length };
  const making = launch({
    sources: [
      `fn add_row(row: u32, column: u32, totals: ptr<function, Totals>) {\n  ${adding}\n}\n`,
      `${head} {\n  ${once ? joining : keeping}\n}\n`,
      columnSums,
      ...functionsFor(once ? `${adding}${joining}` : adding),
      library.number,
    ],
    prelude: [totals],
    constants: {
      ...constants,
      DEPTH: rows,
      LANES: lanes,
      PART_DEPTH: partDepth,
    },
    read: first.read,
    write: once ? first.write : { ...first.write, partial },
    invocations: side * lanes,
    spread: spreadColumns(columns, parts, lanes),
  });
  if (once) return [making];
  return [
    making,
    ...overElements(columns, {
      sources: [
        `${head} {\n  ${joining}\n}\n`,
        [
          "fn make(column: u32) {",
          "  var totals = Totals();",
          "  for (var part = 0u; part < PARTS; part += 1u) {",
          "    for (var at = 0u; at < SUMS; at += 1u) {",
          "      totals[at] += partial[(part * SUMS + at) * OUTPUTS + column];",
          "    }",
          "  }",
          "  finish(0u, column, totals);",
          "}\n",
        ].join("\n"),
        ...functionsFor(joining),
        library.number,
      ],
      prelude: [totals],
      constants,
      read: { ...last.read, partial },
      write: last.write,
    }),
  ];
};

export const kernels: Kernels = { RowMap: rowMap, ColumnMap: columnMap };
