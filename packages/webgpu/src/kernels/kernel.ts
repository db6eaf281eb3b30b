/**
 * How an op becomes dispatches: WGSL text with its constants and bindings prepended, what is bound,
 * and how many workgroups run. Nothing here touches a device.
 *
 * Surprising fact: a buffer cannot be bound `read` and `read_write` in one dispatch, even on ranges
 * that do not meet, so the access of every binding depends on what else its block is bound to.
 */
import type { Call, DataType, WindowGeometry } from "@hone/core/kernels";
import type { Access, Dispatch, Place, Workspace } from "../dispatch.js";
import { library } from "./library.js";
import { windowConstants } from "./window-constants.js";

export {
  inputOperand as input,
  listAttribute as numbersOf,
  numberAttribute as numberOf,
  outputOperand as output,
} from "@hone/core/kernels";

/** Numbers become abstract constants; arrays of three become `vec3<u32>`. */
export type Constants = Readonly<Record<string, number | boolean | readonly number[]>>;

export interface DispatchOptions {
  /** The op's file first, then the library files it needs. */
  readonly sources: readonly string[];
  readonly constants?: Constants;
  /** Makes the constants that window-constants.ts names. */
  readonly window?: WindowGeometry;
  /** Functions and aliases that choose within the template, prepended with the constants. */
  readonly prelude?: readonly string[];
  /** In binding order; names, where they are, and `read_write` for what is written. */
  readonly read: Readonly<Record<string, Place>>;
  readonly write: Readonly<Record<string, Place>>;
  readonly workgroups: number;
  readonly usesStep?: boolean;
}

/** What is said of a device beside its limits. */
export interface Traits {
  /**
   * Whether invocations of a workgroup work together through shared memory. On a software adapter a
   * barrier costs more than it saves, and a kernel that has one compiles ten times longer.
   */
  readonly cooperative: boolean;
}

/** The loop of all products that suits a device. */
export interface ProductLoop {
  readonly source: string;
  /** Results per invocation. */
  readonly rows: number;
  readonly columns: number;
}

/** What a kernel may know of the device. */
export interface Surroundings extends Traits {
  readonly loop: ProductLoop;
}

export type Kernel = (call: Call, device: Surroundings) => readonly Dispatch[];

/** By op. */
export type Kernels = Readonly<Record<string, Kernel>>;

const MAX_WORKGROUPS = 65535;
/** Invocations of one where each makes an element. */
const WORKGROUP = 128;

export function dispatch(options: DispatchOptions): Dispatch {
  const names = [...Object.keys(options.read), ...Object.keys(options.write)];
  const places = [...Object.values(options.read), ...Object.values(options.write)];
  const written = new Set(Object.values(options.write).map(bufferOf));
  const access = places.map((at): Access => (written.has(bufferOf(at)) ? "read_write" : "read"));
  const height = Math.ceil(options.workgroups / MAX_WORKGROUPS);
  const width = Math.ceil(options.workgroups / Math.max(1, height));
  const usesStep = options.usesStep ?? false;
  const source = [
    ...places.map(
      (at, index) =>
        `@group(0) @binding(${index}) var<storage, ${access[index]}> ${names[index]}: array<${elementType(dtypeOf(at))}>;`,
    ),
    ...constantLines({
      ...(options.window && windowConstants(options.window)),
      ...options.constants,
      GRID_WIDTH: width,
    }),
    ...(options.prelude ?? []),
    "",
    ...options.sources,
    library.grid,
    ...(usesStep ? [library.step] : []),
  ].join("\n");
  return { shader: { source, access, usesStep }, places, workgroups: [width, height] };
}

/** One invocation for each of so many things, which the op's `make` makes. */
export function overElements(
  length: number,
  options: Omit<DispatchOptions, "workgroups">,
): readonly Dispatch[] {
  if (length === 0) return [];
  const sources = [...options.sources, library.each];
  const constants = { ...options.constants, LENGTH: length, WORKGROUP };
  return [dispatch({ ...options, sources, constants, workgroups: Math.ceil(length / WORKGROUP) })];
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

/** A value's bits as an element of memory. */
export function bitsOf(value: number, dtype: string): number {
  return dtype === "float32" ? floatBits(value) : value >>> 0;
}

/** The smallest power of two not below `value`, at least 1. */
export function powerOfTwo(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  return power;
}

/** One name per buffer: a block's, or the workspace's. */
function bufferOf(at: Place): string {
  return "workspace" in at ? "workspace" : `block ${at.block}`;
}

function dtypeOf(at: Place): DataType {
  return "workspace" in at ? "float32" : at.dtype;
}

function constantLines(constants: Constants): string[] {
  return Object.entries(constants).map(([name, value]) => {
    if (typeof value === "object") return `const ${name} = vec3<u32>(${value.join(", ")});`;
    return `const ${name} = ${value};`;
  });
}
