/** A data set on the GPU: one buffer a column, bytes as they came. */
import {
  type ColumnLayout,
  type Columns,
  columnType,
  type Device,
  type Resident,
  unknownColumn,
} from "@hone/core/backend";
import type { GpuMemory } from "./memory.js";
import { BUFFER_USAGE } from "./usage.js";

export interface Column extends ColumnLayout {
  readonly buffer: GPUBuffer;
}

export class WebgpuResident implements Resident {
  readonly rows: number;
  readonly device: Device;
  disposed = false;
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #free: () => void;

  constructor(
    device: Device,
    rows: number,
    columns: ReadonlyMap<string, Column>,
    free: () => void,
  ) {
    this.device = device;
    this.rows = rows;
    this.#columns = columns;
    this.#free = free;
  }

  /** @throws BadData when there is no such column, or it was disposed */
  column(name: string): Column {
    const column = this.disposed ? undefined : this.#columns.get(name);
    if (column) return column;
    throw unknownColumn(name, this.disposed ? undefined : this.#columns.keys());
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.#free();
  }
}

/** Copies a column to a buffer of whole words: WebGPU writes no fewer than four bytes. */
export function uploadColumn(
  queue: GPUQueue,
  memory: GpuMemory,
  name: string,
  column: Columns[string],
): Column {
  const { data, rowLength } = column;
  const usage = BUFFER_USAGE.storage | BUFFER_USAGE.copyDestination;
  const buffer = memory.create(`column ${name}`, data.byteLength, usage);
  const whole = data.byteLength - (data.byteLength % 4);
  queue.writeBuffer(buffer, 0, unshared(data, 0, whole));
  if (whole < data.byteLength) {
    const tail = new Uint8Array(4);
    tail.set(unshared(data, whole, data.byteLength));
    queue.writeBuffer(buffer, whole, tail);
  }
  return { buffer, dtype: columnType(data), rowLength };
}

/** Bytes of a column; copied out of shared memory, which `writeBuffer` may refuse. */
function unshared(data: ArrayBufferView, from: number, to: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset + from, to - from);
  return bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);
}
