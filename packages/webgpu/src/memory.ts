/** Makes and frees the buffers of one device, and counts them. */
import type { MemoryUse } from "@hone/core/backend";

export class GpuMemory {
  readonly #device: GPUDevice;
  readonly #live = new Set<GPUBuffer>();
  #bytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A buffer of zeros; the size is rounded up to whole words, and never 0. */
  create(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    const buffer = this.#device.createBuffer({ label, size, usage });
    this.#live.add(buffer);
    this.#bytes += size;
    return buffer;
  }

  destroy(buffer: GPUBuffer): void {
    if (!this.#live.delete(buffer)) return;
    this.#bytes -= buffer.size;
    buffer.destroy();
  }

  destroyAll(): void {
    for (const buffer of [...this.#live]) this.destroy(buffer);
  }

  use(): MemoryUse {
    return { bytes: this.#bytes, allocations: this.#live.size };
  }
}
