/** Copies buffers back to the host through staging buffers that are kept for the next read. */
import { type Operand, operandBytes, type TypedArray } from "@hone/core/backend";
import type { GpuMemory } from "./memory.js";
import { BUFFER_USAGE, MAP_READ } from "./usage.js";

export interface Source {
  readonly buffer: GPUBuffer;
  readonly operand: Operand;
}

export class Staging {
  readonly #device: GPUDevice;
  readonly #memory: GpuMemory;
  readonly #free: GPUBuffer[] = [];

  constructor(device: GPUDevice, memory: GpuMemory) {
    this.#device = device;
    this.#memory = memory;
  }

  /** Copies of what the sources hold when the GPU comes to it; resolves then. */
  async read(sources: readonly Source[]): Promise<TypedArray[]> {
    const sizes = sources.map(({ operand }) => operandBytes(operand, 32));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total === 0) return sources.map(({ operand }) => toArray(operand, new ArrayBuffer(0)));
    const staging = this.#take(total);
    const encoder = this.#device.createCommandEncoder({ label: "read" });
    let offset = 0;
    sources.forEach(({ buffer, operand }, index) => {
      const size = sizes[index] as number;
      if (size > 0) encoder.copyBufferToBuffer(buffer, operand.byteOffset, staging, offset, size);
      offset += size;
    });
    this.#device.queue.submit([encoder.finish()]);
    await staging.mapAsync(MAP_READ, 0, total);
    const bytes = staging.getMappedRange(0, total);
    offset = 0;
    const arrays = sources.map(({ operand }, index) => {
      const from = offset;
      offset += sizes[index] as number;
      return toArray(operand, bytes.slice(from, offset));
    });
    staging.unmap();
    this.#free.push(staging);
    return arrays;
  }

  /** The smallest free buffer that holds `bytes`; otherwise a free one is replaced by a larger one. */
  #take(bytes: number): GPUBuffer {
    this.#free.sort((a, b) => a.size - b.size);
    const fitting = this.#free.findIndex((buffer) => buffer.size >= bytes);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0] as GPUBuffer;
    const small = this.#free.pop();
    if (small) this.#memory.destroy(small);
    const usage = BUFFER_USAGE.mapRead | BUFFER_USAGE.copyDestination;
    return this.#memory.create("staging", bytes, usage);
  }
}

function toArray(operand: Operand, bytes: ArrayBuffer): TypedArray {
  return operand.dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes);
}
