/**
 * Memory and calls of a cpu device: what `HostDevice` makes the whole contract of.
 *
 * A data set stays in its own element types; rows become floats only when `GatherRows` picks them.
 */
import {
  type BlockTable,
  bytesPerElement,
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
  outOfMemory,
  sizeOf,
  type Target,
  type TypedArray,
} from "@hone/core/backend";
import { kernelFactories } from "./kernels/index.js";

/** Floats in the largest block. */
const MAX_BLOCK_FLOATS = 2 ** 28;

export class CpuMachine implements HostMachine<ArrayBuffer> {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly #held = new Set<ArrayBuffer>();

  constructor(info: DeviceInfo, precision: 32 | 64) {
    this.info = info;
    const floatBytes = bytesPerElement("float32", precision);
    this.target = {
      specVersion: 1,
      alignmentBytes: floatBytes,
      precision,
      ops: [...kernelFactories.keys()],
      maxBlockBytes: MAX_BLOCK_FLOATS * floatBytes,
    };
  }

  allocate(bytes: number, where: string): ArrayBuffer {
    try {
      const buffer = new ArrayBuffer(bytes);
      this.#held.add(buffer);
      return buffer;
    } catch (cause) {
      const reason = "JavaScript gives no more memory";
      throw outOfMemory(where, { bytes, heldBytes: this.use().bytes, reason }, cause);
    }
  }

  copy(data: Columns[string]["data"], where: string): ArrayBuffer {
    const buffer = this.allocate(data.byteLength, where);
    new Uint8Array(buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return buffer;
  }

  free(buffer: ArrayBuffer): void {
    this.#held.delete(buffer);
  }

  view(buffer: ArrayBuffer, { byteOffset, shape, dtype }: Operand): HostView {
    const size = sizeOf(shape);
    if (dtype === "int32") return new Int32Array(buffer, byteOffset, size);
    return this.target.precision === 64
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
