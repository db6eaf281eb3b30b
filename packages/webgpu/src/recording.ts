/** An entry as what a GPU repeats: pipelines and bind groups, made once. */
import { type Entry, HoneError, sizeOf } from "@hone/core/backend";
import type { Binding, Dispatch } from "./kernels/kernel.js";
import type { Compiled } from "./pipelines.js";
import type { WebgpuResident } from "./resident.js";

/** A dispatch of an entry, and what to call it in messages. */
export interface LabelledDispatch {
  readonly dispatch: Dispatch;
  readonly label: string;
}

interface Recorded extends LabelledDispatch {
  readonly compiled: Compiled;
  /** Missing until the column it reads is bound. */
  group: GPUBindGroup | undefined;
  /** The resident block it reads, and the groups made for each data set that was bound to it. */
  readonly resident: string | undefined;
  readonly groups: WeakMap<WebgpuResident, GPUBindGroup>;
}

/** Where a binding's bytes are; undefined for a resident block that nothing is bound to. */
export type FindBuffer = (binding: Binding) => GPUBuffer | undefined;

export class Recording {
  readonly name: string;
  readonly usesStep: boolean;
  /** Why it cannot run yet. */
  unbound: string | undefined;
  /** What the queue has found to fill a submit. */
  stepsPerSubmit = 1;
  readonly #device: GPUDevice;
  readonly #dispatches: readonly Recorded[];
  readonly #find: FindBuffer;

  constructor(
    device: GPUDevice,
    entry: Entry,
    dispatches: readonly LabelledDispatch[],
    compiled: readonly Compiled[],
    find: FindBuffer,
  ) {
    this.name = entry.name;
    this.#device = device;
    this.#find = find;
    const residents = new Set(
      entry.blocks.filter((block) => block.kind === "resident").map((block) => block.name),
    );
    this.usesStep = dispatches.some(({ dispatch }) => dispatch.usesStep);
    this.#dispatches = dispatches.map((labelled, index) => ({
      ...labelled,
      compiled: compiled[index] as Compiled,
      group: undefined,
      resident: labelled.dispatch.bindings
        .map(({ at }) => ("workspace" in at ? undefined : at.block))
        .find((name) => name !== undefined && residents.has(name)),
      groups: new WeakMap(),
    }));
    for (const recorded of this.#dispatches) {
      if (recorded.resident === undefined) recorded.group = this.#group(recorded);
    }
    this.#check();
  }

  /** Makes, or finds again, the groups of the dispatches that read the block `input`. */
  bind(input: string, data: WebgpuResident): void {
    for (const recorded of this.#dispatches) {
      if (recorded.resident !== input) continue;
      recorded.group = recorded.groups.get(data) ?? this.#group(recorded);
      recorded.groups.set(data, recorded.group);
    }
    this.#check();
  }

  #check(): void {
    const missing = this.#dispatches.find((recorded) => recorded.group === undefined)?.resident;
    this.unbound =
      missing === undefined
        ? undefined
        : `"${this.name}" reads the data column "${missing}" and none is bound. Bind one before the run.`;
  }

  encode(pass: GPUComputePassEncoder): void {
    for (const { compiled, group, dispatch } of this.#dispatches) {
      pass.setPipeline(compiled.pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(dispatch.workgroups[0], dispatch.workgroups[1]);
    }
  }

  #group({ dispatch, compiled, label, resident }: Recorded): GPUBindGroup {
    return this.#device.createBindGroup({
      label,
      layout: compiled.layout,
      entries: dispatch.bindings.map((binding, index) => {
        const buffer = this.#find(binding);
        if (!buffer) {
          const what = `${label} reads a block that its entry does not name. Please report this.`;
          throw new HoneError("Internal", "webgpu", what);
        }
        return { binding: index, resource: resourceOf(binding, buffer, resident) };
      }),
    });
  }
}

/** A column is bound whole: its operand has the shape of one row. */
function resourceOf(
  { at }: Binding,
  buffer: GPUBuffer,
  resident: string | undefined,
): GPUBufferBinding {
  if ("workspace" in at) return { buffer, size: at.length * 4 };
  if (at.block === resident) return { buffer };
  return { buffer, offset: at.offset * 4, size: sizeOf(at.shape) * 4 };
}
