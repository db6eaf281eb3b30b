/**
 * How a kernel learns the number of its step without a write in each: one small write a submit says
 * the first step, and a table made once, bound with a dynamic offset, says which step of the submit it is.
 */
import type { GpuMemory } from "./memory.js";
import { BUFFER_USAGE, STAGE_COMPUTE } from "./usage.js";

/** Steps a submit can hold. */
export const MOST_STEPS = 64;

export class StepCounter {
  readonly layout: GPUBindGroupLayout;
  readonly #queue: GPUQueue;
  readonly #group: GPUBindGroup;
  readonly #first: GPUBuffer;
  readonly #scratch = new Uint32Array(1);
  readonly #offset = new Uint32Array(1);
  readonly #spacing: number;

  constructor(device: GPUDevice, memory: GpuMemory) {
    this.#queue = device.queue;
    this.#spacing = device.limits.minUniformBufferOffsetAlignment;
    const usage = BUFFER_USAGE.uniform | BUFFER_USAGE.copyDestination;
    this.#first = memory.create("first step", 4, usage);
    const table = memory.create("steps of a submit", MOST_STEPS * this.#spacing, usage);
    const values = new Uint32Array((MOST_STEPS * this.#spacing) / 4);
    for (let index = 0; index < MOST_STEPS; index++) values[(index * this.#spacing) / 4] = index;
    device.queue.writeBuffer(table, 0, values);
    const visibility = STAGE_COMPUTE;
    this.layout = device.createBindGroupLayout({
      label: "step",
      entries: [
        { binding: 0, visibility, buffer: { type: "uniform", minBindingSize: 4 } },
        {
          binding: 1,
          visibility,
          buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: 4 },
        },
      ],
    });
    this.#group = device.createBindGroup({
      label: "step",
      layout: this.layout,
      entries: [
        { binding: 0, resource: { buffer: this.#first, size: 4 } },
        { binding: 1, resource: { buffer: table, size: 4 } },
      ],
    });
  }

  /** Before the submit that begins with step `first`. */
  start(first: number): void {
    this.#scratch[0] = first;
    this.#queue.writeBuffer(this.#first, 0, this.#scratch);
  }

  /** Before the dispatches of the submit's step `index`. */
  set(pass: GPUComputePassEncoder, index: number): void {
    this.#offset[0] = index * this.#spacing;
    pass.setBindGroup(1, this.#group, this.#offset, 0, 1);
  }
}
