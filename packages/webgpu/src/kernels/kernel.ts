/** How an op becomes launches: WGSL with its constants, what is bound, how many workgroups. Nothing here touches a device. */
import type { Call, WindowGeometry } from "@hone/core/kernels";
import type { Workspace } from "../dispatch.js";
import type { Launch } from "../launch.js";
import { library } from "./library.js";
import { windowConstants } from "./window-constants.js";

export {
  inputOperand as input,
  listAttribute as numbersOf,
  numberAttribute as numberOf,
  outputOperand as output,
} from "@hone/core/kernels";
export type { Constants, Launch } from "../launch.js";
export { elementType } from "../shader-text.js";

export interface LaunchOptions
  extends Pick<Launch, "sources" | "read" | "write" | "invocations" | "spread">,
    Partial<Pick<Launch, "constants" | "prelude" | "usesStep">> {
  /** Makes the constants that window-constants.ts names. */
  readonly window?: WindowGeometry;
}

/** What is said of a device beside its limits. */
export interface Traits {
  /**
   * Whether invocations of a workgroup work together through shared memory. On a software adapter a
   * barrier costs more than it saves, and a kernel that has one compiles ten times longer.
   */
  readonly cooperative: boolean;
  /**
   * Whether launches that do not wait for each other become one dispatch. A software adapter starts each for next to
   * nothing, and one that has no barrier is slowed down by those that others in its shader have.
   */
  readonly joint: boolean;
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

export type Kernel = (call: Call, device: Surroundings) => readonly Launch[];

/** By op. */
export type Kernels = Readonly<Record<string, Kernel>>;

/** Invocations of a workgroup where each makes an element. */
const WORKGROUP = 128;

export function launch({ window, ...options }: LaunchOptions): Launch {
  const constants = { ...(window && windowConstants(window)), ...options.constants };
  return { prelude: [], usesStep: false, ...options, constants };
}

/** One invocation for each of so many things, which the op's `make` makes. */
export function overElements(
  length: number,
  options: Omit<LaunchOptions, "invocations" | "spread">,
): readonly Launch[] {
  if (length === 0) return [];
  const sources = [...options.sources, library.each];
  const constants = { ...options.constants, LENGTH: length };
  const spread = (invocations: number) => ({ workgroups: Math.ceil(length / invocations) });
  return [launch({ ...options, sources, constants, invocations: WORKGROUP, spread })];
}

/** What is shared by invocations that meet with a number each. */
export const laneValues = (invocations: number) =>
  ({ lane_values: { type: "f32", length: invocations } }) as const;

export function workspace(length: number): Workspace {
  return { workspace: true, offset: 0, length };
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
