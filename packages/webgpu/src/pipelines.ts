/** Compiles WGSL, once for each text on a device. */
import { HoneError, UseCounts } from "@hone/core/backend";
import type { LabelledDispatch, Shader } from "./dispatch.js";
import { STAGE_COMPUTE } from "./usage.js";

/** Pipelines that stay though no entry has them: some ten entries' worth. */
const MOST_IDLE = 256;

type Labelled = readonly LabelledDispatch[];

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
    for (const { shader } of dispatches) this.#uses.take(shader.source);
    // The scope opens and closes before anything else can run: it sees only what is made here.
    this.#device.pushErrorScope("validation");
    const pending = dispatches.map(({ shader, label }) => this.#pipeline(shader, label));
    const scope = this.#device.popErrorScope();
    const settled = await Promise.allSettled(pending);
    const error = await scope;
    const failed = settled.find((outcome) => outcome.status === "rejected");
    if (error || failed) {
      this.release(dispatches);
      for (const { shader } of dispatches) this.#compiled.delete(shader.source);
      const cause = error ?? (failed?.reason as Error);
      throw new HoneError("Internal", "webgpu", oneLine(cause.message), { cause });
    }
    return Promise.all(pending);
  }

  /** Undoes one `compile` of the same dispatches. */
  release(dispatches: Labelled): void {
    for (const { shader } of dispatches) this.#uses.release(shader.source);
  }

  #pipeline(shader: Shader, label: string): Promise<Compiled> {
    const known = this.#compiled.get(shader.source);
    if (known) return known;
    const layout = this.#layout(shader);
    const pipeline = this.#device
      .createComputePipelineAsync({
        label,
        layout: this.#device.createPipelineLayout({
          bindGroupLayouts: shader.usesStep ? [layout, this.#stepLayout] : [layout],
        }),
        compute: { module: this.#device.createShaderModule({ label, code: shader.source }) },
      })
      .then((pipeline) => {
        this.#made++;
        return { pipeline, layout };
      });
    this.#compiled.set(shader.source, pipeline);
    return pipeline;
  }

  /** Layouts are equal when the accesses are, whatever the kernel. */
  #layout({ access }: Shader): GPUBindGroupLayout {
    const key = access.join(" ");
    const known = this.#layouts.get(key);
    if (known) return known;
    const layout = this.#device.createBindGroupLayout({
      label: key,
      entries: access.map((access, binding) => ({
        binding,
        visibility: STAGE_COMPUTE,
        buffer: { type: access === "read" ? "read-only-storage" : "storage" },
      })),
    });
    this.#layouts.set(key, layout);
    return layout;
  }
}

export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
