/** Tiles and parts of a product, decided by its shapes alone, for library/gemm-*.wgsl. */
import type { Operand, WindowGeometry } from "@hone/core/kernels";
import type { Spread } from "../launch.js";
import {
  type Constants,
  type Launch,
  launch,
  overElements,
  powerOfTwo,
  type Surroundings,
  workspace,
} from "./kernel.js";
import { library } from "./library.js";

export interface Product {
  /** The op's file, which says where the elements of A and B lie, and the constants it takes. */
  readonly sources: readonly string[];
  readonly constants?: Constants;
  readonly window?: WindowGeometry;
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Whether neighbouring terms are neighbours in memory. */
  readonly aTermsAdjacent: boolean;
  readonly bTermsAdjacent: boolean;
  readonly read: Readonly<Record<string, Operand>>;
  readonly result: Operand;
  readonly bias?: Operand | undefined;
  readonly relu?: boolean;
  /** Where the sums of B's columns go, for a product of one matrix. */
  readonly sums?: Operand | undefined;
  /** What is kept in the place of the results themselves. */
  readonly ending?: Ending;
  readonly traits: Surroundings;
}

/** What becomes of results that nobody else sees. */
export interface Ending {
  /** In the place of library/store-rows.wgsl. */
  readonly store: readonly string[];
  /** In the place of library/sum-parts.wgsl, for so many things. */
  readonly sumParts: readonly string[];
  readonly length: number;
  readonly constants: Constants;
  readonly prelude: readonly string[];
  readonly write: Readonly<Record<string, Operand>>;
}

const TILE_DEPTH = 16;
/** On a side of a tile. */
const MOST_THREADS = 16;
/** Workgroups that keep a GPU busy; products of fewer tiles are summed in parts. */
const BUSY = 128;
const LEAST_PART = 256;
const MOST_PARTS = 64;

export function product(of: Product): readonly Launch[] {
  const length = of.batches * of.rows * of.columns;
  if (length === 0) return [];
  const { cooperative, loop } = of.traits;
  const { threadsX, threadsY } = cooperative ? tiledThreads(of) : directThreads(of);
  const tilesOf = (sideX: number, sideY: number) =>
    of.batches *
    Math.ceil(of.rows / (loop.rows * sideY)) *
    Math.ceil(of.columns / (loop.columns * sideX));
  const { parts, partDepth } = partsOf(tilesOf(threadsX, threadsY), of.depth);
  const epilogue = epilogueOf(of);
  const ending = of.ending ?? plainEnding(of, length);
  const partial = workspace(parts * (length + (of.sums ? of.columns : 0)));
  const whole = parts === 1;
  const main = launch({
    ...(of.window && { window: of.window }),
    sources: [
      ...of.sources,
      loop.source,
      ...(whole ? ending.store : [library.storeRows]),
      library.number,
    ],
    constants: {
      ...of.constants,
      ...(whole && ending.constants),
      BATCHES: of.batches,
      ROWS: of.rows,
      COLUMNS: of.columns,
      DEPTH: of.depth,
      PARTS: parts,
      PART_DEPTH: partDepth,
      THREADS_X: threadsX,
      TILE_DEPTH,
      A_TERMS_ADJACENT: of.aTermsAdjacent,
      B_TERMS_ADJACENT: of.bTermsAdjacent,
      SUMMED: of.sums !== undefined,
      SLICE: (of.rows + (of.sums ? 1 : 0)) * of.columns,
    },
    prelude: whole ? [epilogue.text, ...ending.prelude] : [PLAIN, PUT],
    read: whole ? { ...of.read, ...epilogue.read } : of.read,
    write: whole ? ending.write : { result: partial },
    invocations: threadsX * threadsY,
    spread(invocations) {
      const side = invocations / threadsX;
      const mostThreads = Math.min(MOST_THREADS, powerOfTwo(Math.ceil(of.rows / loop.rows)));
      // Tiles of shared memory are of the size that suits the product, or twice as high; none is mostly beyond the last row.
      const suits = cooperative ? side === threadsY || side === 2 * threadsY : side % 1 === 0;
      if (!suits || side > Math.max(threadsY, mostThreads)) return undefined;
      return {
        workgroups: tilesOf(threadsX, side) * parts,
        constants: { THREADS_Y: side },
        ...(cooperative && { shared: tileMemory(threadsX, side) }),
      };
    },
  });
  if (whole) return [main];
  return [
    main,
    ...overElements(ending.length, {
      sources: [...ending.sumParts, library.number],
      constants: { ...ending.constants, PARTS: parts, ROWS: of.rows, COLUMNS: of.columns },
      prelude: [epilogue.text, ...ending.prelude],
      read: { parts: partial, ...epilogue.read },
      write: ending.write,
    }),
  ];
}

/** Sums as they are, each where it belongs. */
export const PLAIN = "fn epilogue(value: f32, column: u32) -> f32 { return value; }";
export const PUT = "fn put(at: u32, value: f32) { result[at] = value; }";

/** The results, and the sums of B's columns as a row below them. */
function plainEnding({ result, sums, columns }: Product, length: number): Ending {
  const store = [library.storeRows];
  const sumParts = [library.sumParts];
  if (!sums) return { store, sumParts, length, constants: {}, prelude: [PUT], write: { result } };
  return {
    store,
    sumParts,
    length: length + columns,
    constants: {},
    prelude: [
      `fn put(at: u32, value: f32) { if (at < ${length}) { result[at] = value; } else { sums[at - ${length}] = value; } }`,
    ],
    write: { result, sums },
  };
}

function epilogueOf(of: Product): { text: string; read: Readonly<Record<string, Operand>> } {
  const sum = of.bias ? "value + bias[column]" : "value";
  const result = of.relu ? `relu(${sum})` : sum;
  return {
    text: `fn epilogue(value: f32, column: u32) -> f32 { return ${result}; }`,
    read: of.bias ? { bias: of.bias } : {},
  };
}

/** Of library/gemm-tiled.wgsl: a tile of each factor. */
function tileMemory(threadsX: number, threadsY: number): NonNullable<Spread["shared"]> {
  return {
    a_tile: { type: "vec4<f32>", length: TILE_DEPTH * threadsY },
    b_tile: { type: "vec4<f32>", length: TILE_DEPTH * threadsX },
  };
}

/** Large square tiles reuse most; small or narrow results get tiles that leave fewer lanes idle. */
function tiledThreads(of: Product): { threadsX: number; threadsY: number } {
  const area = of.batches * of.rows * of.columns;
  const large = area >= 64 * 64 * BUSY ? 16 : 8;
  const threadsX = of.columns <= 16 ? 4 : of.columns <= 32 ? 8 : large;
  if (of.rows <= 16) return { threadsX: Math.max(threadsX, 8), threadsY: 4 };
  const threadsY = area >= 64 * 32 * BUSY ? 16 : 8;
  return { threadsX, threadsY };
}

/** As many invocations side by side as there are columns for, 64 in all at most. */
function directThreads(of: Product): { threadsX: number; threadsY: number } {
  const threadsX = Math.min(8, powerOfTwo(Math.ceil(of.columns / of.traits.loop.columns)));
  const threadsY = Math.min(64 / threadsX, powerOfTwo(Math.ceil(of.rows / of.traits.loop.rows)));
  return { threadsX, threadsY };
}

function partsOf(tiles: number, depth: number): { parts: number; partDepth: number } {
  const wanted = Math.min(Math.ceil(BUSY / tiles), Math.floor(depth / LEAST_PART), MOST_PARTS);
  if (wanted <= 1 || depth < 4 * LEAST_PART) return { parts: 1, partDepth: depth };
  const partDepth = Math.ceil(depth / wanted / TILE_DEPTH) * TILE_DEPTH;
  return { parts: Math.ceil(depth / partDepth), partDepth };
}
