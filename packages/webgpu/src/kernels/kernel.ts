/**
 * How an op becomes dispatches: WGSL text with its constants and bindings prepended, what is bound,
 * and how many workgroups run. Nothing here touches a device.
 *
 * Surprising fact: a buffer cannot be bound `read` and `read_write` in one dispatch, even on ranges
 * that do not meet, so the access of every binding depends on what else its block is bound to.
 */
import { type Call, type DataType, type Operand, sizeOf } from "@hone/core/backend";
import grid from "./library/grid.wgsl";
import step from "./library/step.wgsl";

export {
  inputOperand as input,
  listAttribute as numbersOf,
  numberAttribute as numberOf,
  outputOperand as output,
} from "@hone/core/backend";

/** Scratch of a dispatch, shared by all dispatches of an entry: it lives from one to the next only. */
export interface Workspace {
  readonly workspace: true;
  /** Elements of 4 bytes. */
  readonly length: number;
}

export interface Binding {
  /** The variable's name in WGSL. */
  readonly name: string;
  readonly at: Operand | Workspace;
  readonly access: "read" | "read_write";
}

/** Numbers become abstract constants; arrays of three become `vec3<u32>`. */
export type Constants = Readonly<Record<string, number | boolean | readonly number[]>>;

export interface DispatchOptions {
  /** The op's file first, then the library files it needs. */
  readonly sources: readonly string[];
  readonly constants: Constants;
  /** Functions and aliases that choose within the template, prepended with the constants. */
  readonly prelude?: readonly string[];
  /** In binding order; names, where they are, and `read_write` for what is written. */
  readonly read: Readonly<Record<string, Operand | Workspace>>;
  readonly write: Readonly<Record<string, Operand | Workspace>>;
  readonly workgroups: number;
  readonly usesStep?: boolean;
}

export interface Dispatch {
  readonly source: string;
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [number, number, number];
  readonly usesStep: boolean;
}

/** What a kernel may know of the device beside its limits. */
export interface Traits {
  /**
   * Whether invocations of a workgroup work together through shared memory. On a software adapter a
   * barrier costs more than it saves, and a kernel that has one compiles ten times longer.
   */
  readonly cooperative: boolean;
}

export type Kernel = (call: Call, traits: Traits) => readonly Dispatch[];

/** By op. */
export type Kernels = Readonly<Record<string, Kernel>>;

const MAX_WORKGROUPS = 65535;

export function dispatch(options: DispatchOptions): Dispatch {
  const named = [
    ...Object.entries(options.read).map(([name, at]) => ({ name, at, access: "read" as const })),
    ...Object.entries(options.write).map(([name, at]) => ({
      name,
      at,
      access: "read_write" as const,
    })),
  ];
  const written = new Set(Object.values(options.write).map(placeOf));
  const bindings = named.map((binding) =>
    written.has(placeOf(binding.at)) ? { ...binding, access: "read_write" as const } : binding,
  );
  const height = Math.ceil(options.workgroups / MAX_WORKGROUPS);
  const width = Math.ceil(options.workgroups / Math.max(1, height));
  const usesStep = options.usesStep ?? false;
  const source = [
    ...bindings.map(
      ({ name, at, access }, index) =>
        `@group(0) @binding(${index}) var<storage, ${access}> ${name}: array<${elementType(dtypeOf(at))}>;`,
    ),
    ...constantLines({ ...options.constants, GRID_WIDTH: width }),
    ...(options.prelude ?? []),
    "",
    ...options.sources,
    grid,
    ...(usesStep ? [step] : []),
  ].join("\n");
  return { source, bindings, workgroups: [width, height, 1], usesStep };
}

export function workspace(length: number): Workspace {
  return { workspace: true, length };
}

/** WGSL's name for an element in memory; bytes are read four to a word. */
export function elementType(dtype: DataType): string {
  return { float32: "f32", int32: "i32", uint8: "u32" }[dtype];
}

/** `const NAME_BITS`: a float that may be infinite or NaN, which WGSL constants cannot be. */
export function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}

/** The smallest power of two not below `value`, at least 1. */
export function powerOfTwo(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  return power;
}

/** Elements a binding spans. */
export function lengthOf(at: Operand | Workspace): number {
  return "workspace" in at ? at.length : sizeOf(at.shape);
}

/** One name per buffer: a block's, or the workspace's. */
export function placeOf(at: Operand | Workspace): string {
  return "workspace" in at ? "workspace" : `block ${at.block}`;
}

function dtypeOf(at: Operand | Workspace): DataType {
  return "workspace" in at ? "float32" : at.dtype;
}

function constantLines(constants: Constants): string[] {
  return Object.entries(constants).map(([name, value]) => {
    if (typeof value === "object") return `const ${name} = vec3<u32>(${value.join(", ")});`;
    return `const ${name} = ${value};`;
  });
}
