/** One trace: which graph tensor stands behind each tfjs tensor, and what must be refused. */
import { HoneError } from "../errors.js";
import { GraphBuilder } from "../graph/builder.js";
import type { Shape } from "../graph/types.js";
import type { TypedArray } from "../typed-array.js";
import { KERNELS } from "./kernel-table.js";
import { isVariable, type TensorLike } from "./tfjs-types.js";
import { type TensorType, type Traced, TracedBuilder } from "./traced.js";

export interface TensorInfo {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: TensorType;
}
export type KernelInputs =
  | Readonly<Record<string, TensorLike | null | undefined>>
  | readonly TensorLike[];
export type KernelAttributes = Readonly<Record<string, unknown>>;

/** Reads the values of a tensor that lives on another tfjs backend. @param where for errors */
export type ReadForeign = (tensor: TensorLike, where: string) => TypedArray;

interface Written {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: string;
}

export class Recorder {
  readonly graph = new GraphBuilder();
  readonly build = new TracedBuilder(this.graph);
  readonly warnings = new Set<string>();
  /** Variables a layer updates while it trains: moving statistics. */
  readonly updated = new Set<TensorLike>();
  /** Gives a tensor made outside of the trace a place in the graph, or refuses it; else it is a constant. */
  bindForeign: ((tensor: TensorLike) => number | undefined) | undefined;
  /** False for functions of which no layer is known: tfjs's layers then do what they do with tf's own ops. */
  followsLayers = true;
  /** How many ops that draw random numbers the trace has met. */
  randomOps = 0;
  /** The first of each layer, by its name; kept because user code may swallow the error it threw. */
  readonly #refusals = new Map<string, HoneError>();
  #disposed = 0;
  #failure: { readonly error: unknown; readonly where: string } | undefined;
  #where: string;
  readonly #model: string;
  readonly #readForeign: ReadForeign;
  readonly #weights = new Map<TensorLike, number>();
  readonly #traced = new Map<object, Traced>();
  readonly #written = new Map<object, Written>();
  readonly #constants = new Map<object, Traced>();

  /** @param where names the model, for errors outside any layer */
  constructor(where: string, readForeign: ReadForeign) {
    this.#where = where;
    this.#model = where;
    this.#readForeign = readForeign;
  }

  get where(): string {
    return this.graph.label === undefined ? this.#where : `layer "${this.graph.label}"`;
  }

  /** Throws UnsupportedModel that names the layer at work. @param what says also what to do */
  refuse(what: string): never {
    throw this.object(what);
  }

  /** Keeps a refusal for the end of the trace, which goes on. */
  object(what: string): HoneError {
    const error = new HoneError("UnsupportedModel", this.where, `${what}.`);
    this.keep(error);
    return error;
  }

  /** Forgets what was refused under this name alone, if other names stand in the way too. */
  forgive(): void {
    if (this.#refusals.size > 1) this.#refusals.delete(this.where);
  }

  /** Keeps what stands in the way of this layer, unless something did already. */
  keep(error: HoneError): void {
    if (!this.#refusals.has(this.where)) this.#refusals.set(this.where, error);
  }

  /** All that was refused so far, as one error. */
  get refusal(): HoneError | undefined {
    const [first, ...more] = this.#refusals.values();
    if (!first || more.length === 0) return first;
    const all = [first, ...more].map(({ message }) => message.replace(/^\[hone\] /, ""));
    const what = `${all.length} parts of it cannot be compiled. ${all.join(" ")}`;
    return new HoneError("UnsupportedModel", this.#model, what, { cause: first });
  }

  /** Runs `body` with `label` on the nodes it makes. */
  inside<T>(label: string | undefined, body: () => T): T {
    const outer = this.graph.label;
    this.graph.label = label;
    try {
      return body();
    } catch (error) {
      if (this.#failure?.error !== error) this.#failure = { error, where: this.where };
      throw error;
    } finally {
      this.graph.label = outer;
    }
  }

  /** Runs `body` with `where` in the place of the model's name. */
  naming<T>(where: string, body: () => T): T {
    const outer = this.#where;
    this.#where = where;
    const result = this.inside(undefined, body);
    this.#where = outer;
    return result;
  }

  /** The innermost layer that `error` came out of. */
  whereOf(error: unknown): string {
    const failure = this.#failure;
    return failure && failure.error === error ? failure.where : this.where;
  }

  /** Says which graph tensor stands for a weight. */
  bindWeight(variable: TensorLike, id: number): void {
    this.#weights.set(variable, id);
  }

  /** The graph tensor of a weight of the model, undefined for any other variable. */
  weightOf(variable: TensorLike): number | undefined {
    return this.#weights.get(variable);
  }

  /** A tfjs tensor for a traced one. */
  give(traced: Traced): TensorInfo {
    const dataId = {};
    this.#traced.set(dataId, traced);
    return { dataId, shape: [...traced.shape], dtype: traced.dtype };
  }

  /** Values handed to tfjs while tracing: a constant if something reads it. */
  write(values: ArrayLike<number>, shape: Shape, dtype: string): object {
    const dataId = {};
    this.#written.set(dataId, { values: Array.from(values), shape: [...shape], dtype });
    return dataId;
  }

  /**
   * tfjs gave a tensor back. What stands behind it stays known until the trace ends: a layer's penalty may
   * be of what its call computed, which tfjs's fit, unlike `apply`, keeps until then.
   */
  forget(): void {
    this.#disposed++;
  }

  get dataCount(): number {
    return this.#traced.size + this.#written.size - this.#disposed;
  }

  /** True for a tensor that came to be during this trace. */
  owns(dataId: object): boolean {
    return this.#traced.has(dataId) || this.#written.has(dataId);
  }

  /** The values of a constant made during the trace; anything else has none yet. */
  readValues(dataId: object): TypedArray {
    const written = this.#written.get(dataId);
    if (written) return typedValues(written);
    return this.refuse(
      "reads the values of a tensor (dataSync, data, array or print) while the model is compiled, when there are none. Express it with tensor operations",
    );
  }

  /** What stands behind a kernel's input. */
  resolve(tensor: TensorLike): Traced {
    const weight = this.#weights.get(tensor);
    if (weight !== undefined) return this.build.from(weight);
    const known = this.#traced.get(tensor.dataId) ?? this.#constants.get(tensor.dataId);
    if (known) return known;
    const written = this.#written.get(tensor.dataId);
    const traced = written ? this.#constant(written) : this.#foreign(tensor);
    this.#constants.set(tensor.dataId, traced);
    return traced;
  }

  /** Runs a kernel by its tfjs name. */
  run(name: string, inputs: KernelInputs, attributes: KernelAttributes): TensorInfo | TensorInfo[] {
    const kernel = KERNELS[name];
    if (!kernel) return this.refuseKernel(name);
    const named = inputs as Readonly<Record<string, TensorLike | null | undefined>>;
    const optional = (key: string) => {
      const tensor = named[key];
      return tensor ? this.resolve(tensor) : undefined;
    };
    const result = kernel({
      name,
      build: this.build,
      attributes,
      optional,
      input: (key) => optional(key) ?? this.refuse(`calls ${name} without "${key}". Give it`),
      all: () => Object.values(named).flatMap((tensor) => (tensor ? [this.resolve(tensor)] : [])),
      refuse: (what) => this.refuse(what),
    });
    return Array.isArray(result)
      ? (result as readonly Traced[]).map((traced) => this.give(traced))
      : this.give(result as Traced);
  }

  refuseKernel(name: string): never {
    const instead =
      name === "Multinomial"
        ? "Use multinomial of @hone/core"
        : "Replace it or leave this layer out";
    return this.refuse(`uses the tfjs kernel ${name}, which Hone cannot compile. ${instead}`);
  }

  #constant(written: Written): Traced {
    const { dtype } = written;
    if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") {
      return this.refuse(`makes a ${dtype} tensor. Use float32, int32 or bool`);
    }
    return this.build.constant(typedValues(written), written.shape, dtype);
  }

  #foreign(tensor: TensorLike): Traced {
    const bound = this.bindForeign?.(tensor);
    if (bound !== undefined) return this.build.from(bound);
    const values = this.#readForeign(tensor, this.where);
    if (isVariable(tensor)) {
      this.warnings.add(
        `${this.where}: the variable "${tensor.name}" is not among model.weights, so it stays as it is.`,
      );
    }
    return this.#constant({ values, shape: tensor.shape, dtype: tensor.dtype });
  }
}

function typedValues({ values, dtype }: Written): TypedArray {
  return dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values);
}
