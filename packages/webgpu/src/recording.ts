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
  /** Missing while no columns that suit are bound, or since others were. */
  group: GPUBindGroup | undefined;
  /** What each binding is of; nothing for a column. Found once: a block may be another one of that name later. */
  readonly buffers: readonly (GPUBuffer | undefined)[];
  /** The resident blocks it reads, and the groups made for each data set that was bound to all of them. */
  readonly residents: readonly Operand[];
  readonly groups: WeakMap<WebgpuResident, GPUBindGroup>;
}

/** A column that is bound to a resident block, and its data set. */
interface Bound {
  readonly data: WebgpuResident;
  readonly column: Column;
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
  readonly #bound = new Map<string, Bound>();

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
      const residents = dispatch.places.filter((at): at is Operand => this.#isResident(at));
      return {
        ...dispatch,
        compiled: compiled[index] as Compiled,
        group: undefined,
        buffers: dispatch.places.map((at) => (this.#isResident(at) ? undefined : find(at))),
        residents,
        groups: new WeakMap(),
      };
    });
    for (const recorded of this.#dispatches) {
      if (recorded.residents.length === 0) recorded.group = this.#group(recorded);
    }
  }

  get dispatches(): readonly LabelledDispatch[] {
    return this.#dispatches;
  }

  /** Why `column` cannot be the resident block `input` of this entry, if it cannot. */
  mismatch(input: string, column: Column): HoneError | undefined {
    for (const { residents } of this.#dispatches) {
      for (const resident of residents) {
        const problem = resident.block === input ? columnMismatch(resident, column) : undefined;
        if (problem) return problem;
      }
    }
    return undefined;
  }

  /** Dispatches that read the block `input` get their groups, made or found again, with the next step. */
  bind(input: string, data: WebgpuResident, column: Column): void {
    this.#bound.set(input, { data, column });
    for (const recorded of this.#dispatches) {
      if (recorded.residents.some(({ block }) => block === input)) recorded.group = undefined;
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
    for (const recorded of this.#dispatches) {
      recorded.group ??= this.#groupOfColumns(recorded);
      const { compiled, group, workgroups } = recorded;
      if (!group) continue;
      pass.setPipeline(compiled.pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...workgroups);
    }
  }

  #isResident(at: Place): boolean {
    return !("workspace" in at) && this.residents.includes(at.block);
  }

  /** None while a block that it reads is not bound. Columns of one data set have one that is kept with it. */
  #groupOfColumns(recorded: Recorded): GPUBindGroup | undefined {
    const [first, ...others] = recorded.residents.map(({ block }) => this.#bound.get(block)?.data);
    if (!first || others.includes(undefined)) return undefined;
    if (others.some((data) => data !== first)) return this.#group(recorded);
    const group = recorded.groups.get(first) ?? this.#group(recorded);
    recorded.groups.set(first, group);
    return group;
  }

  #group({ places, compiled, label, buffers }: Recorded): GPUBindGroup {
    return this.#device.createBindGroup({
      label,
      layout: compiled.layout,
      entries: places.map((at, binding) => {
        const buffer = buffers[binding];
        if (buffer) return { binding, resource: { buffer, ...rangeOf(at) } };
        // A column is bound whole: its operand has the shape of one row.
        const bound = this.#bound.get((at as Operand).block) as Bound;
        return { binding, resource: { buffer: bound.column.buffer } };
      }),
    });
  }
}

function rangeOf(at: Place): { offset: number; size: number } {
  if ("workspace" in at) return { offset: at.offset * 4, size: at.length * 4 };
  return { offset: at.byteOffset, size: operandBytes(at, 32) };
}
