/** From launches to shaders, and the dispatches that run them. */
import type { DataType } from "@hone/core/kernels";
import type { Access, Dispatch, Place } from "./dispatch.js";
import { library } from "./kernels/library.js";
import type { Constants, Launch, Spread } from "./launch.js";

const MAX_WORKGROUPS = 65535;

/** What a shader and its dispatch are made of, whatever it does. */
export interface ShaderParts {
  /** Names of bindings and where they are, in order. */
  readonly bindings: readonly (readonly [name: string, at: Place])[];
  /** Those that are written. */
  readonly written: readonly Place[];
  readonly shared?: Spread["shared"];
  readonly text: string;
  /** Statements of `main`, where `group` is the workgroup's number and `lane` the invocation's in it. */
  readonly body: string;
  readonly workgroups: number;
  readonly invocations: number;
  readonly usesStep: boolean;
}

/** One launch as a dispatch. */
export function dispatchOf(launch: Launch): Dispatch {
  const { read, write, invocations } = launch;
  const spread = launch.spread(invocations) as Spread;
  return dispatchFrom({
    ...launch,
    ...spread,
    bindings: [...Object.entries(read), ...Object.entries(write)],
    written: Object.values(write),
    text: textOf(launch, spread, invocations),
    body: "work(group, lane);",
  });
}

/** Constants, prelude and sources. */
export const textOf = (launch: Launch, spread: Spread, invocations: number): string =>
  [
    ...constantLines({ ...launch.constants, ...spread.constants, WORKGROUP: invocations }),
    ...launch.prelude,
    "",
    ...launch.sources,
  ].join("\n");

/**
 * A grid of more workgroups than one dimension holds is folded to two.
 *
 * Surprising fact: a buffer cannot be bound `read` and `read_write` in one dispatch, even on ranges
 * that do not meet, so the access of every binding depends on what else its block is bound to.
 */
export function dispatchFrom(parts: ShaderParts): Dispatch {
  const { bindings, usesStep } = parts;
  const written = new Set(parts.written.map(bufferOf));
  const access = bindings.map(
    ([, at]): Access => (written.has(bufferOf(at)) ? "read_write" : "read"),
  );
  const height = Math.ceil(parts.workgroups / MAX_WORKGROUPS);
  const width = Math.ceil(parts.workgroups / Math.max(1, height));
  const source = [
    ...bindings.map(
      ([name, at], index) =>
        `@group(0) @binding(${index}) var<storage, ${access[index]}> ${name}: array<${elementType(dtypeOf(at))}>;`,
    ),
    ...Object.entries(parts.shared ?? {}).map(
      ([name, { type, length }]) => `var<workgroup> ${name}: array<${type}, ${length}>;`,
    ),
    parts.text,
    ...(usesStep ? [library.step] : []),
    `@compute @workgroup_size(${parts.invocations})`,
    "fn main(@builtin(workgroup_id) place: vec3<u32>, @builtin(local_invocation_index) lane: u32) {",
    `let group = place.y * ${width} + place.x;`,
    parts.body,
    "}",
  ].join("\n");
  const places = bindings.map(([, at]) => at);
  return { shader: { source, access, usesStep }, places, workgroups: [width, height] };
}

/** One name per buffer: a block's, or the workspace's. */
export const bufferOf = (at: Place): string =>
  "workspace" in at ? "workspace" : `block ${at.block}`;

/** WGSL's name for an element in memory; bytes are read four to a word. */
export function elementType(dtype: DataType): string {
  return { float32: "f32", int32: "i32", uint8: "u32" }[dtype];
}

export const dtypeOf = (at: Place): DataType => ("workspace" in at ? "float32" : at.dtype);

function constantLines(constants: Constants): string[] {
  return Object.entries(constants).map(([name, value]) => {
    if (typeof value === "object") return `const ${name} = vec3<u32>(${value.join(", ")});`;
    return `const ${name} = ${value};`;
  });
}
