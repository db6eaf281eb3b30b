/** One call of an entry, bound to its blocks: what an op sees of it while a step runs. */
import {
  type BlockTable,
  type Call,
  type Entry,
  HoneError,
  invariant,
  isHoneError,
  locationOf,
  missingKernel,
  type Operand,
  outOfMemory,
  sizeOf,
  type TypedArray,
} from "@hone/core/backend";
import type { BlockMemory } from "./memory/block-memory.js";
import { Constants } from "./memory/constants.js";
import { BYTES_PER_ELEMENT, type ElementType, type Store } from "./memory/source.js";
import {
  ALWAYS_NEEDED,
  type CallRun,
  type Column,
  type Composition,
  type Compute,
  type Segment,
} from "./ops/stock-op.js";
import type { KernelAttributes, KernelInputs, StockType, Tensor } from "./stock/stock.js";

/** What the calls of one executable share. */
export interface Shared {
  readonly store: Store;
  readonly ops: ReadonlyMap<string, Composition>;
  readonly masks: Map<string, Uint8Array>;
  /** The column bound to a resident block. */
  column(block: string): Column;
}

/** An operand and the block it lies in; a resident one lies in none. */
interface Place {
  readonly operand: Operand;
  readonly memory: BlockMemory | undefined;
  /** Where in the block it begins, in elements: tfjs knows no bytes. */
  readonly offset: number;
  readonly length: number;
  readonly dtype: ElementType;
}

export class LoweredCall implements CallRun {
  step = 0;
  readonly #where: string;
  readonly #shared: Shared;
  readonly #compute: Compute;
  readonly #kernels: ReadonlySet<string>;
  readonly #inputs: readonly Place[];
  readonly #outputs: readonly Place[];
  readonly #constants: Constants;

  /** @throws LacksOp for an op that is not among those of the backend */
  constructor(entry: Entry, call: Call, blocks: BlockTable<BlockMemory>, shared: Shared) {
    this.#where = locationOf(entry, call);
    this.#shared = shared;
    const op = shared.ops.get(call.op);
    const { name } = shared.store.kernels.stock;
    if (!op) throw missingKernel(`tfjs-${name}`, this.#where, call.op);
    const residents = entry.blocks.filter(({ kind }) => kind === "resident");
    const place = (operand: Operand): Place => ({
      operand,
      memory: residents.some((block) => block.name === operand.block)
        ? undefined
        : blocks.spaceOf(operand, this.#where),
      offset: firstElement(operand),
      length: sizeOf(operand.shape),
      dtype: operand.dtype === "int32" ? "int32" : "float32",
    });
    this.#inputs = call.inputs.map(place);
    this.#outputs = call.outputs.map(place);
    this.#kernels = new Set([...ALWAYS_NEEDED, ...op.kernels]);
    this.#constants = new Constants(shared.store);
    this.#compute = op.lower(call);
  }

  /** Computes the call and puts its results in place. */
  run(step: number): void {
    const { kernels } = this.#shared.store;
    this.step = step;
    try {
      const result = this.#compute(this);
      if (result === undefined) return;
      const results = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
      for (const [index, tensor] of results.entries()) this.#putOutput(index, tensor);
    } catch (error) {
      throw this.#described(error);
    } finally {
      kernels.tidy();
    }
  }

  release(): void {
    this.#constants.clear();
  }

  input(index: number): Tensor {
    const { memory, operand, offset, length, dtype } = this.#input(index);
    invariant(memory, this.#where, `input ${index} is a data set's column`);
    return memory.tensor(offset, length, dtype, operand.shape);
  }

  values(index: number, begin = 0, length?: number): TypedArray {
    const { memory, offset, length: whole, dtype } = this.#input(index);
    invariant(memory, this.#where, `input ${index} is a data set's column`);
    return memory.values(offset + begin, length ?? whole - begin, dtype);
  }

  column(index: number): Column {
    return this.#shared.column(this.#input(index).operand.block);
  }

  segments(inputs: readonly number[]): Segment[] {
    const places = inputs.map((index) => this.#input(index));
    const length = places[0]?.length ?? 0;
    const cuts = new Set<number>();
    for (const { memory, offset } of places) {
      for (const cut of memory?.cuts(offset, length) ?? []) cuts.add(cut - offset);
    }
    const starts = [0, ...[...cuts].sort((a, b) => a - b)];
    return starts.map((start, at) => segment(places, start, (starts[at + 1] ?? length) - start));
  }

  kernel(name: string, inputs: KernelInputs, attributes?: KernelAttributes): Tensor {
    invariant(this.#kernels.has(name), this.#where, `calls ${name}, which its row does not name`);
    return this.#shared.store.kernels.run(name, inputs, attributes);
  }

  scalar(value: number): Tensor {
    return this.#constants.scalar(value);
  }

  constant(name: string, make: () => { values: TypedArray; shape: readonly number[] }): Tensor {
    return this.#constants.named(name, make);
  }

  upload(values: TypedArray, shape: readonly number[], dtype: StockType): Tensor {
    return this.#shared.store.kernels.upload(values, shape, dtype);
  }

  look({ dataId }: Tensor): number {
    return this.#shared.store.kernels.stock.instance.readSync(dataId)[0] as number;
  }

  /** Kept for the step in which it was drawn. */
  mask(key: string, draw: () => Uint8Array): Uint8Array {
    const { masks } = this.#shared;
    const known = masks.get(key);
    if (known) {
      masks.delete(key);
      return known;
    }
    const mask = draw();
    masks.set(key, mask);
    return mask;
  }

  /** What tfjs threw, as an error of ours. */
  #described(error: unknown): HoneError {
    if (isHoneError(error)) return error;
    const reason = `tfjs says: ${error instanceof Error ? error.message : String(error)}`;
    // How JavaScript refuses an array that is too large.
    if (!(error instanceof RangeError && /alloc|memory|array length/i.test(error.message))) {
      return new HoneError("Internal", this.#where, reason, { cause: error });
    }
    const bytes = this.#outputs.reduce((sum, { length }) => sum + length * BYTES_PER_ELEMENT, 0);
    const heldBytes = this.#shared.store.ledger.use().bytes;
    return outOfMemory(this.#where, { bytes, heldBytes, reason }, error);
  }

  #input(index: number): Place {
    const place = this.#inputs[index];
    invariant(place, this.#where, `input ${index} is missing`);
    return place;
  }

  #putOutput(index: number, tensor: Tensor): void {
    const place = this.#outputs[index];
    invariant(place?.memory, this.#where, `output ${index} is missing`);
    const { memory, offset, length, dtype } = place;
    const size = sizeOf(tensor.shape);
    invariant(size === length, this.#where, `made ${size} elements for ${length}`);
    const { kernels } = this.#shared.store;
    const cast = tensor.dtype === dtype ? tensor : kernels.run("Cast", { x: tensor }, { dtype });
    memory.putTensor(offset, length, cast, dtype);
  }
}

/** Where in its block an operand begins, in elements. */
export function firstElement({ byteOffset }: Operand): number {
  return byteOffset / BYTES_PER_ELEMENT;
}

function segment(places: readonly Place[], start: number, length: number): Segment {
  const at = (index: number) => {
    const place = places[index] as Place & { readonly memory: BlockMemory };
    return { memory: place.memory, offset: place.offset + start };
  };
  return {
    tensor: (index) => {
      const { memory, offset } = at(index);
      return memory.tensor(offset, length, "float32");
    },
    put: (index, tensor) => {
      const { memory, offset } = at(index);
      memory.putTensor(offset, length, tensor, "float32");
    },
  };
}
