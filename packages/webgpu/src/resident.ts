/** A data set on the GPU: one buffer a column, bytes as they came. */
import {
  type Columns,
  type DataType,
  type Device,
  HoneError,
  type Resident,
} from "@hone/core/backend";
import type { GpuMemory } from "./memory.js";
import { BUFFER_USAGE } from "./usage.js";

export interface Column {
  readonly buffer: GPUBuffer;
  readonly dtype: DataType;
  readonly rowLength: number;
}

export class WebgpuResident implements Resident {
  readonly rows: number;
  readonly device: Device;
  readonly columns: ReadonlyMap<string, Column>;
  disposed = false;
  readonly #free: () => void;

  constructor(
    device: Device,
    rows: number,
    columns: ReadonlyMap<string, Column>,
    free: () => void,
  ) {
    this.device = device;
    this.rows = rows;
    this.columns = columns;
    this.#free = free;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.#free();
  }
}

/** Rows that all columns have. @throws BadData when they differ, or a column is longer than the GPU can bind. */
export function checkColumns(columns: Columns, maxBytes: number): number {
  let rows: number | undefined;
  for (const [name, { data, rowLength }] of Object.entries(columns)) {
    const count = data.length / rowLength;
    if (!Number.isInteger(count)) {
      const what = `column "${name}" has ${data.length} elements, not a multiple of its row length ${rowLength}. Pass whole rows.`;
      throw new HoneError("BadData", "webgpu", what);
    }
    if (rows !== undefined && count !== rows) {
      const what = `column "${name}" has ${count} rows and another column ${rows}. Pass columns of equal length.`;
      throw new HoneError("BadData", "webgpu", what);
    }
    if (data.byteLength > maxBytes) {
      const what = `column "${name}" takes ${data.byteLength} bytes and this GPU binds at most ${maxBytes}. Upload the data in parts.`;
      throw new HoneError("BadData", "webgpu", what);
    }
    rows = count;
  }
  return rows ?? 0;
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
  return { buffer, dtype: dtypeOf(data), rowLength };
}

/** Bytes of a column; copied out of shared memory, which `writeBuffer` may refuse. */
function unshared(data: ArrayBufferView, from: number, to: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset + from, to - from);
  return bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);
}

function dtypeOf(data: Columns[string]["data"]): DataType {
  if (data instanceof Uint8Array) return "uint8";
  return data instanceof Int32Array ? "int32" : "float32";
}
