/** Tiles and parts of a product, decided by its shapes alone, for library/gemm-*.wgsl. */
import type { Operand } from "@hone/core/backend";
import { overElements } from "./elementwise.js";
import {
  type Constants,
  type Dispatch,
  dispatch,
  powerOfTwo,
  type Traits,
  workspace,
} from "./kernel.js";
import direct from "./library/gemm-direct.wgsl";
import tiled from "./library/gemm-tiled.wgsl";
import number from "./library/number.wgsl";
import sumParts from "./sum-parts.wgsl";

export interface Product {
  /** The op's file, which says where the elements of A and B lie, and the constants it takes. */
  readonly sources: readonly string[];
  readonly constants: Constants;
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
  readonly traits: Traits;
}

const TILE_DEPTH = 16;
/** Results per invocation: the forms' own. */
const TILED = { rows: 4, columns: 4 };
const DIRECT = { rows: 4, columns: 8 };
/** Workgroups that keep a GPU busy; products of fewer tiles are summed in parts. */
const BUSY = 128;
const LEAST_PART = 256;
const MOST_PARTS = 64;

export function product(of: Product): readonly Dispatch[] {
  const length = of.batches * of.rows * of.columns;
  if (length === 0) return [];
  const form = of.traits.cooperative ? TILED : DIRECT;
  const { threadsX, threadsY } = of.traits.cooperative ? tiledThreads(of) : directThreads(of);
  const rowTiles = Math.ceil(of.rows / (form.rows * threadsY));
  const columnTiles = Math.ceil(of.columns / (form.columns * threadsX));
  const tiles = of.batches * rowTiles * columnTiles;
  const { parts, partDepth } = partsOf(tiles, of.depth);
  const epilogue = epilogueOf(of);
  const partial = workspace(parts * length);
  const main = dispatch({
    sources: [...of.sources, of.traits.cooperative ? tiled : direct, number],
    constants: {
      ...of.constants,
      BATCHES: of.batches,
      ROWS: of.rows,
      COLUMNS: of.columns,
      DEPTH: of.depth,
      PARTS: parts,
      PART_DEPTH: partDepth,
      THREADS_X: threadsX,
      THREADS_Y: threadsY,
      TILE_DEPTH,
      A_TERMS_ADJACENT: of.aTermsAdjacent,
      B_TERMS_ADJACENT: of.bTermsAdjacent,
    },
    prelude: [parts === 1 ? epilogue.text : PLAIN],
    read: parts === 1 ? { ...of.read, ...epilogue.read } : of.read,
    write: { result: parts === 1 ? of.result : partial },
    workgroups: tiles * parts,
  });
  if (parts === 1) return [main];
  return [
    main,
    ...overElements(length, {
      sources: [sumParts, number],
      constants: { PARTS: parts, COLUMNS: of.columns },
      prelude: [epilogue.text],
      read: { parts: partial, ...epilogue.read },
      write: { result: of.result },
    }),
  ];
}

const PLAIN = "fn epilogue(value: f32, column: u32) -> f32 { return value; }";

function epilogueOf(of: Product): { text: string; read: Readonly<Record<string, Operand>> } {
  const sum = of.bias ? "value + bias[column]" : "value";
  const result = of.relu ? `relu(${sum})` : sum;
  return {
    text: `fn epilogue(value: f32, column: u32) -> f32 { return ${result}; }`,
    read: of.bias ? { bias: of.bias } : {},
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
  const threadsX = Math.min(8, powerOfTwo(Math.ceil(of.columns / DIRECT.columns)));
  const threadsY = Math.min(64 / threadsX, powerOfTwo(Math.ceil(of.rows / DIRECT.rows)));
  return { threadsX, threadsY };
}

function partsOf(tiles: number, depth: number): { parts: number; partDepth: number } {
  const wanted = Math.min(Math.ceil(BUSY / tiles), Math.floor(depth / LEAST_PART), MOST_PARTS);
  if (wanted <= 1 || depth < 4 * LEAST_PART) return { parts: 1, partDepth: depth };
  const partDepth = Math.ceil(depth / wanted / TILE_DEPTH) * TILE_DEPTH;
  return { parts: Math.ceil(depth / partDepth), partDepth };
}
