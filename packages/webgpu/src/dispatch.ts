/**
 * What the kernels make of an entry's calls, as plain data: all that a device needs to run them. It crosses to a worker
 * as it is, and dispatches that share a shader still do there, since structured cloning keeps what is the same object.
 */
import type { Entry, Operand } from "@hone/core/backend";

/** Scratch of a call's dispatches, in a buffer that all of an entry share: it lives from the first to the last of them. */
export interface Workspace {
  readonly workspace: true;
  /** Of its first element, in elements. */
  readonly offset: number;
  /** Elements of 4 bytes. */
  readonly length: number;
}

/** Where the elements of a binding are. */
export type Place = Operand | Workspace;

export type Access = "read" | "read_write";

export interface Shader {
  /** WGSL, whose entry point is `main`. */
  readonly source: string;
  /** Of each binding of group 0, in their order. */
  readonly access: readonly Access[];
  /** Whether group 1 is the step counter's. */
  readonly usesStep: boolean;
}

export interface Dispatch {
  readonly shader: Shader;
  /** What is bound, in the order of the shader's bindings. */
  readonly places: readonly Place[];
  readonly workgroups: readonly [number, number];
}

/** A dispatch of an entry, and what to call it in messages. */
export interface LabelledDispatch extends Dispatch {
  readonly label: string;
}

/** An entry whose calls have become dispatches. */
export interface LoweredEntry extends Entry {
  readonly dispatches: readonly LabelledDispatch[];
}
