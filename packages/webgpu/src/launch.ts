/**
 * What a kernel asks to be run, before it is a shader: WGSL whose function `work` does what one workgroup has to do. Several
 * of them may become one shader (joint-shader.ts), since none has an entry point, bindings or shared memory by itself.
 */
import type { Place } from "./dispatch.js";

/** Numbers become abstract constants; arrays of three become `vec3<u32>`. */
export type Constants = Readonly<Record<string, number | boolean | readonly number[]>>;

/** Memory that a workgroup shares: elements of a type, so many. */
export interface SharedArray {
  readonly type: "f32" | "vec4<f32>";
  readonly length: number;
}

/** Work spread over workgroups of some number of invocations. */
export interface Spread {
  readonly workgroups: number;
  /** That the sources know it by, beside WORKGROUP, the invocations of a workgroup. */
  readonly constants?: Constants;
  /** By the names that the sources have for them: what shares a name may share the memory. */
  readonly shared?: Readonly<Record<string, SharedArray>>;
}

export interface Launch {
  /** The op's file first, then the library files it needs; one of them has `work(group: u32, lane: u32)`. */
  readonly sources: readonly string[];
  readonly constants: Constants;
  /** Functions and aliases that choose within the template, prepended with the constants. */
  readonly prelude: readonly string[];
  /** By the names that the sources have for them. */
  readonly read: Readonly<Record<string, Place>>;
  /** Also what is read and written. */
  readonly write: Readonly<Record<string, Place>>;
  /** Whether the sources call `step_number`. */
  readonly usesStep: boolean;
  /** Of a workgroup, where nothing else decides. */
  readonly invocations: number;
  /** The same results to the bit by workgroups of so many invocations; nothing where that can't be. */
  spread(invocations: number): Spread | undefined;
}

/** A launch of an entry, and what to call it in messages. */
export interface LabelledLaunch extends Launch {
  readonly label: string;
}
