/** Compiles WGSL, once for each text on a device. */
import { HoneError, UseCounts } from "@hone/core/backend";
import type { Dispatch } from "./kernels/kernel.js";
import { STAGE_COMPUTE } from "./usage.js";

/** Pipelines that stay though no entry has them: some ten entries' worth. */
const MOST_IDLE = 256;

type Labelled = readonly { readonly dispatch: Dispatch; readonly label: string }[];

export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #stepLayout: GPUBindGroupLayout;
  readonly #compiled = new Map<string, Promise<Compiled>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #uses = new UseCounts(MOST_IDLE, (source) => this.#compiled.delete(source));

  #made = 0;

  constructor(device: GPUDevice, stepLayout: GPUBindGroupLayout) {
    this.#device = device;
    this.#stepLayout = stepLayout;
  }

  get made(): number {
    return this.#made;
  }

  /**
   * Starts every compilation at once and waits for all of them. Who has them gives them back by `release`.
   * @throws Internal with the compiler's message.
   */
  async compile(dispatches: Labelled): Promise<Compiled[]> {
    for (const { dispatch } of dispatches) this.#uses.take(dispatch.source);
    // The scope opens and closes before anything else can run: it sees only what is made here.
    this.#device.pushErrorScope("validation");
    const pending = dispatches.map(({ dispatch, label }) => this.#pipeline(dispatch, label));
    const scope = this.#device.popErrorScope();
    const settled = await Promise.allSettled(pending);
    const error = await scope;
    const failed = settled.find((outcome) => outcome.status === "rejected");
    if (error || failed) {
      this.release(dispatches);
      for (const { dispatch } of dispatches) this.#compiled.delete(dispatch.source);
      const cause = error ?? (failed?.reason as Error);
      throw new HoneError("Internal", "webgpu", oneLine(cause.message), { cause });
    }
    return Promise.all(pending);
  }

  /** Undoes one `compile` of the same dispatches. */
  release(dispatches: Labelled): void {
    for (const { dispatch } of dispatches) this.#uses.release(dispatch.source);
  }

  #pipeline(dispatch: Dispatch, label: string): Promise<Compiled> {
    const known = this.#compiled.get(dispatch.source);
    if (known) return known;
    const layout = this.#layout(dispatch);
    const pipeline = this.#device
      .createComputePipelineAsync({
        label,
        layout: this.#device.createPipelineLayout({
          bindGroupLayouts: dispatch.usesStep ? [layout, this.#stepLayout] : [layout],
        }),
        compute: { module: this.#device.createShaderModule({ label, code: dispatch.source }) },
      })
      .then((pipeline) => {
        this.#made++;
        return { pipeline, layout };
      });
    this.#compiled.set(dispatch.source, pipeline);
    return pipeline;
  }

  /** Layouts are equal when the accesses are, whatever the kernel. */
  #layout(dispatch: Dispatch): GPUBindGroupLayout {
    const key = dispatch.bindings.map((binding) => binding.access).join(" ");
    const known = this.#layouts.get(key);
    if (known) return known;
    const layout = this.#device.createBindGroupLayout({
      label: key,
      entries: dispatch.bindings.map((binding, index) => ({
        binding: index,
        visibility: STAGE_COMPUTE,
        buffer: { type: binding.access === "read" ? "read-only-storage" : "storage" },
      })),
    });
    this.#layouts.set(key, layout);
    return layout;
  }
}

export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
