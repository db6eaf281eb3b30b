/** An entry as what a GPU repeats: pipelines and bind groups, made once. */
import {
  columnMismatch,
  type Entry,
  type HoneError,
  type Operand,
  operandBytes,
} from "@hone/core/backend";
import type { LabelledDispatch, Place } from "./dispatch.js";
import type { Compiled } from "./pipelines.js";
import type { Column, WebgpuResident } from "./resident.js";

interface Recorded extends LabelledDispatch {
  readonly compiled: Compiled;
  /** Missing while no column that suits is bound. */
  group: GPUBindGroup | undefined;
  /** What each binding is of; nothing for a column. Found once: a block may be another one of that name later. */
  readonly buffers: readonly (GPUBuffer | undefined)[];
  /** The resident block it reads, and the groups made for each data set that was bound to it. */
  readonly resident: Operand | undefined;
  readonly groups: WeakMap<WebgpuResident, GPUBindGroup>;
}

/** What a recording is made of. */
export interface RecordingParts {
  readonly entry: Entry;
  readonly dispatches: readonly LabelledDispatch[];
  readonly compiled: readonly Compiled[];
  readonly workspace: GPUBuffer | undefined;
}

/** The buffer of a memory block or of the workspace. @throws Internal when there is none */
export type FindBuffer = (at: Place) => GPUBuffer;

export class Recording {
  readonly name: string;
  readonly usesStep: boolean;
  /** Blocks that a data set must be bound to. */
  readonly residents: readonly string[];
  /** What the queue has found to fill a submit. */
  stepsPerSubmit = 1;
  /** What it shares with other entries, by name. */
  readonly shares: Pick<Entry, "blocks" | "buffers">;
  readonly workspace: GPUBuffer | undefined;
  readonly #device: GPUDevice;
  readonly #dispatches: readonly Recorded[];

  constructor(
    device: GPUDevice,
    { entry, dispatches, compiled, workspace }: RecordingParts,
    find: FindBuffer,
  ) {
    this.name = entry.name;
    this.shares = { blocks: entry.blocks, buffers: entry.buffers };
    this.workspace = workspace;
    this.#device = device;
    this.residents = entry.blocks.filter(({ kind }) => kind === "resident").map(({ name }) => name);
    this.usesStep = dispatches.some(({ shader }) => shader.usesStep);
    this.#dispatches = dispatches.map((dispatch, index) => {
      const resident = dispatch.places.find((at) => this.#isResident(at)) as Operand | undefined;
      return {
        ...dispatch,
        compiled: compiled[index] as Compiled,
        group: undefined,
        buffers: dispatch.places.map((at) => (at === resident ? undefined : find(at))),
        resident,
        groups: new WeakMap(),
      };
    });
    for (const recorded of this.#dispatches) {
      if (recorded.resident === undefined) recorded.group = this.#group(recorded, undefined);
    }
  }

  get dispatches(): readonly LabelledDispatch[] {
    return this.#dispatches;
  }

  /** Why `column` cannot be the resident block `input` of this entry, if it cannot. */
  mismatch(input: string, column: Column): HoneError | undefined {
    for (const { resident } of this.#dispatches) {
      const problem = resident?.block === input ? columnMismatch(resident, column) : undefined;
      if (problem) return problem;
    }
    return undefined;
  }

  /** Makes, or finds again, the groups of the dispatches that read the block `input`. */
  bind(input: string, data: WebgpuResident, column: Column): void {
    for (const recorded of this.#dispatches) {
      if (recorded.resident?.block !== input) continue;
      recorded.group = recorded.groups.get(data) ?? this.#group(recorded, column);
      recorded.groups.set(data, recorded.group);
    }
  }

  /** Encodes one step as far as it can run, and throws it away: WebGPU says now what it has against it. */
  rehearse(prepare: (pass: GPUComputePassEncoder) => void): void {
    const encoder = this.#device.createCommandEncoder({ label: `rehearse ${this.name}` });
    const pass = encoder.beginComputePass();
    prepare(pass);
    this.encode(pass);
    pass.end();
    encoder.finish();
  }

  /** One step. The caller has seen to it that every resident block is bound. */
  encode(pass: GPUComputePassEncoder): void {
    for (const { compiled, group, workgroups } of this.#dispatches) {
      if (!group) continue;
      pass.setPipeline(compiled.pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...workgroups);
    }
  }

  #isResident(at: Place): boolean {
    return !("workspace" in at) && this.residents.includes(at.block);
  }

  #group({ places, compiled, label, buffers }: Recorded, column: Column | undefined) {
    return this.#device.createBindGroup({
      label,
      layout: compiled.layout,
      entries: places.map((at, binding) => {
        const buffer = buffers[binding];
        if (buffer) return { binding, resource: { buffer, ...rangeOf(at) } };
        // A column is bound whole: its operand has the shape of one row.
        return { binding, resource: { buffer: (column as Column).buffer } };
      }),
    });
  }
}

function rangeOf(at: Place): { offset: number; size: number } {
  if ("workspace" in at) return { offset: 0, size: at.length * 4 };
  return { offset: at.byteOffset, size: operandBytes(at, 32) };
}
