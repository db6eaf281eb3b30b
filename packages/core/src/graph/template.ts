/**
 * A model's graph for any batch size, as plain data.
 *
 * The model is traced at two batch sizes. Every number that differs between the two traces is a linear
 * function of the batch size, so a third size needs no model and no tfjs: it is interpolated.
 * Structures and constants that differ otherwise cannot be compiled; the tracer refuses them.
 */
import { HoneError } from "../errors.js";
import type { Graph, Shape } from "./types.js";

/** The two batch sizes a model is traced at; 1 is avoided, since broadcasting treats it specially. */
export const TRACE_BATCHES = [2, 3] as const;

export interface Template<T> {
  readonly two: T;
  readonly three: T;
}

/** Where rows go into a graph or come out of it: a tensor [B, ...row] under the name tfjs has for it. */
export interface Port {
  readonly name: string;
  readonly tensor: number;
}

/** A traced forward pass. Ids refer to `graph.tensors`. */
export interface ModelGraph {
  readonly graph: Graph;
  /** In the model's order. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Scalars added to the loss (regularisers). Empty in inference. */
  readonly penalties: readonly number[];
  /** Labels that functions read, [B, ...row], by the output they belong to. */
  readonly labels: readonly Port[];
  /** What losses and metrics that are functions gave: float32, [B, ...] or []. */
  readonly functions: readonly number[];
}

/** A port without its graph. */
export interface PortInfo {
  readonly name: string;
  /** Of one row. */
  readonly shape: Shape;
  readonly dtype: "float32" | "int32";
}

/** One weight of the model, in `model.weights` order. */
export interface WeightInfo {
  /** The tensor's name in the graph: `parameter:3`, or `state:4` for moving statistics. */
  readonly name: string;
  /** tfjs's name, for people: `conv2d_1/kernel`. */
  readonly label: string;
  readonly shape: Shape;
  readonly role: "parameter" | "state";
  readonly trainable: boolean;
}

/** All that Hone keeps of a tf.LayersModel. */
export interface TracedModel {
  readonly training: Template<ModelGraph>;
  readonly inference: Template<ModelGraph>;
  readonly weights: readonly WeightInfo[];
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  readonly warnings: readonly string[];
}

/** The template's value at a batch size. @throws UnsupportedModel where the two traces differ in kind */
export function atBatch<T>(template: Template<T>, batch: number): T {
  return new Interpolation(batch).of(template.two, template.three) as T;
}

class Interpolation {
  readonly #batch: number;
  /** Where in the template it is, for errors. */
  readonly #path: (string | number)[] = [];

  constructor(batch: number) {
    this.#batch = batch;
  }

  of(two: unknown, three: unknown): unknown {
    if (Object.is(two, three) && typeof two !== "object") return two;
    if (typeof two === "number" && typeof three === "number") {
      return two + (three - two) * (this.#batch - TRACE_BATCHES[0]);
    }
    if (ArrayBuffer.isView(two) && ArrayBuffer.isView(three)) {
      if (sameElements(two, three)) return two;
      throw this.#differs("constants made while tracing are not the same twice", ":");
    }
    if (Array.isArray(two) && Array.isArray(three) && two.length === three.length) {
      return two.map((item, index) => this.#part(index, item, three[index]));
    }
    if (isRecord(two) && isRecord(three)) {
      const keys = Object.keys(two);
      const others = Object.keys(three);
      if (keys.length === others.length && keys.every((key, at) => key === others[at])) {
        const result: Record<string, unknown> = {};
        for (const key of keys) result[key] = this.#part(key, two[key], three[key]);
        return result;
      }
    } else if (two === three) {
      return two;
    }
    throw this.#differs("changes with the batch size in more than its extents");
  }

  #part(key: string | number, two: unknown, three: unknown): unknown {
    this.#path.push(key);
    const result = this.of(two, three);
    this.#path.pop();
    return result;
  }

  #differs(what: string, colon = ""): HoneError {
    const steps = this.#path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`));
    return new HoneError(
      "UnsupportedModel",
      "trace",
      `model${steps.join("")}${colon} ${what}. Random numbers and shapes that depend on data cannot be compiled: use a Dropout layer, randomNormal of @hone/core, or fixed values.`,
    );
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sameElements(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const left = a as unknown as ArrayLike<number>;
  const right = b as unknown as ArrayLike<number>;
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!Object.is(left[index], right[index])) return false;
  }
  return true;
}
