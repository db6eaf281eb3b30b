/** The tfjs backend that stands in while a model is traced: it holds no numbers but constants. */
import { KernelBackend } from "@tensorflow/tfjs-core";
import { draw } from "./draw.js";
import type { Recorder } from "./recorder.js";

/** Ops of tfjs that draw random numbers; they make plain constants, known only by the op's scope. */
const RANDOM_OP = /^(rand|truncatedNormal|multinomial)\w*__op$/;

export class RecordingBackend extends KernelBackend {
  readonly #recorder: Recorder;
  readonly #scopes: () => readonly { readonly name: string }[];

  /** @param scopes tfjs's open scopes, innermost last */
  constructor(recorder: Recorder, scopes: () => readonly { readonly name: string }[]) {
    super();
    this.#recorder = recorder;
    this.#scopes = scopes;
  }

  override write(values: unknown, shape: number[], dtype: string): object {
    const scopes = this.#scopes();
    if (scopes.some(({ name }) => RANDOM_OP.test(name))) {
      // tf.dropout's own are spread over [0, 1): a layer's, a cell's, or a user's.
      if (scopes.some(({ name }) => name === "dropout__op")) {
        return this.#recorder.give(draw(this.#recorder, "uniform", shape)).dataId;
      }
      this.#recorder.refuse(
        "draws random numbers with tf, which would be the same in every step. Use randomNormal, randomUniform or multinomial of @hone/core",
      );
    }
    return this.#recorder.write(values as ArrayLike<number>, shape, dtype);
  }

  override readSync(dataId: object): Float32Array {
    return this.#recorder.readValues(dataId) as Float32Array;
  }

  /** A refusal is kept in the recorder; a rejected promise nobody awaits would end the process. */
  override read(dataId: object): Promise<Float32Array> {
    try {
      return Promise.resolve(this.readSync(dataId));
    } catch {
      return new Promise(() => {});
    }
  }

  override disposeData(): boolean {
    this.#recorder.forget();
    return true;
  }

  override move(): never {
    return this.#recorder.refuse(
      "moves a tensor from another tfjs backend. Make it inside the layer",
    );
  }

  override numDataIds(): number {
    return this.#recorder.dataCount;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override refCount(): number {
    return 1;
  }

  override incRef(): void {}

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {}
}
