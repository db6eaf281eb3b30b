/** What is raced, and who races. Plain data, which crosses to the workers and into links. */

export const HEATS = [
  { name: "cnn-train", model: "cnn", task: "train", title: "Train the CNN" },
  { name: "cnn-predict", model: "cnn", task: "predict", title: "Predict with the CNN" },
  { name: "mlp-train", model: "mlp", task: "train", title: "Train the MLP" },
  { name: "mlp-predict", model: "mlp", task: "predict", title: "Predict with the MLP" },
] as const;
export type Heat = (typeof HEATS)[number];
export type HeatName = Heat["name"];

export const CONTENDERS = [
  { name: "hone-webgpu", maker: "hone", backend: "webgpu", title: "Hone, WebGPU" },
  { name: "hone-wasm", maker: "hone", backend: "wasm", title: "Hone, WebAssembly" },
  { name: "hone-cpu", maker: "hone", backend: "cpu", title: "Hone, JavaScript" },
  { name: "tfjs-webgpu", maker: "tfjs", backend: "webgpu", title: "tfjs, WebGPU" },
  { name: "tfjs-wasm", maker: "tfjs", backend: "wasm", title: "tfjs, WebAssembly" },
  { name: "tfjs-cpu", maker: "tfjs", backend: "cpu", title: "tfjs, JavaScript" },
] as const;
export type Contender = (typeof CONTENDERS)[number];
export type ContenderName = Contender["name"];

/** Rows of a training step, and of a prediction. */
export const BATCH_SIZE = 64;
export const PREDICTED = 256;

/** What the reference computed in 64 bits: losses of the first steps, and what it foretells before them. */
export interface Answers {
  readonly losses: readonly number[];
  readonly outputs: readonly number[];
}

/** How one did: pictures a second, once its answers were right; or why there is no time of it. */
export type Outcome =
  | {
      readonly kind: "timed";
      readonly perSecond: number;
      readonly device: string;
      readonly error: number;
    }
  | { readonly kind: "wrong"; readonly reason: string }
  | { readonly kind: "cannot"; readonly reason: string };

export interface Result {
  readonly heat: HeatName;
  readonly contender: ContenderName;
  readonly outcome: Outcome;
}

/** What a worker is asked: the answers, or a time. */
export type Order =
  | { readonly kind: "answers"; readonly heat: HeatName }
  | {
      readonly kind: "time";
      readonly heat: HeatName;
      readonly contender: ContenderName;
      readonly answers: Answers;
    };

/** What it says. */
export type Reply =
  | { readonly kind: "answers"; readonly answers: Answers }
  | { readonly kind: "outcome"; readonly outcome: Outcome };

export function heatOf(name: HeatName): Heat {
  return HEATS.find((heat) => heat.name === name) as Heat;
}

export function contenderOf(name: ContenderName): Contender {
  return CONTENDERS.find((contender) => contender.name === name) as Contender;
}
