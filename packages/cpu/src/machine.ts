/**
 * Memory and calls of a cpu device: what `HostDevice` makes the whole contract of.
 *
 * An element takes 4 bytes, or 8 on a 64-bit device, whatever its type: int32 operands then lie
 * densely from their element offset on and leave the second half of their room unused. A data set
 * stays in its own element types; rows become floats only when `GatherRows` picks them.
 */
import {
  type BlockTable,
  type ColumnFinder,
  type Columns,
  type DeviceInfo,
  type Entry,
  type HostColumn,
  type HostMachine,
  type HostView,
  type LoweredEntry,
  locationOf,
  type MemoryUse,
  missingKernel,
  type Operand,
  sizeOf,
  type Target,
  type TypedArray,
} from "@hone/core/backend";
import { kernelFactories } from "./kernels/index.js";

/** Longest block, in elements. */
const MAX_BLOCK_LENGTH = 2 ** 28;

export class CpuMachine implements HostMachine<ArrayBuffer> {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly #bytesPerElement: number;
  readonly #held = new Set<ArrayBuffer>();

  constructor(info: DeviceInfo, precision: 32 | 64) {
    this.info = info;
    this.#bytesPerElement = precision / 8;
    this.target = {
      alignment: 1,
      precision,
      ops: [...kernelFactories.keys()],
      maxBlockLength: MAX_BLOCK_LENGTH,
    };
  }

  allocate(length: number): ArrayBuffer {
    return this.#hold(new ArrayBuffer(length * this.#bytesPerElement));
  }

  copy(data: Columns[string]["data"]): ArrayBuffer {
    const buffer = new ArrayBuffer(data.byteLength);
    new Uint8Array(buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return this.#hold(buffer);
  }

  free(buffer: ArrayBuffer): void {
    this.#held.delete(buffer);
  }

  view(buffer: ArrayBuffer, { offset, shape, dtype }: Operand): HostView {
    const byteOffset = offset * this.#bytesPerElement;
    const size = sizeOf(shape);
    if (dtype === "int32") return new Int32Array(buffer, byteOffset, size);
    return this.#bytesPerElement === 8
      ? new Float64Array(buffer, byteOffset, size)
      : new Float32Array(buffer, byteOffset, size);
  }

  lower(entry: Entry, blocks: BlockTable<ArrayBuffer>): LoweredEntry<ArrayBuffer> {
    const calls = entry.calls.map((call) => {
      const where = locationOf(entry, call);
      const factory = kernelFactories.get(call.op);
      if (!factory) throw missingKernel("cpu", where, call.op);
      return {
        operands: [...call.inputs, ...call.outputs],
        bind: (columnOf: ColumnFinder<ArrayBuffer>) => {
          const view = (operand: Operand) => {
            const column = columnOf(operand.block);
            return column ? elementsOf(column) : this.view(blocks.spaceOf(operand, where), operand);
          };
          return factory(call, { inputs: call.inputs.map(view), outputs: call.outputs.map(view) });
        },
      };
    });
    return { calls };
  }

  /** Blocks and columns alive now. Kernels' own workspace is not counted. */
  use(): MemoryUse {
    let bytes = 0;
    for (const { byteLength } of this.#held) bytes += byteLength;
    return { bytes, allocations: this.#held.size };
  }

  #hold(buffer: ArrayBuffer): ArrayBuffer {
    this.#held.add(buffer);
    return buffer;
  }
}

function elementsOf({ space, dtype }: HostColumn<ArrayBuffer>): TypedArray {
  switch (dtype) {
    case "uint8":
      return new Uint8Array(space);
    case "int32":
      return new Int32Array(space);
    case "float32":
      return new Float32Array(space);
  }
}
