/**
 * Small predictions on the calling thread: a second engine on the device's `local` one, whose weights
 * are read from the device again only when they may have changed since.
 *
 * While training runs they change all the time. Each prediction then waits for one read of all weights,
 * which is of one moment, as a prediction on the device would be.
 */
import type { Device } from "../backend.js";
import type { TracedModel } from "../graph/template.js";
import { Engine } from "./engine.js";

/** With more rows than this the message costs less than the computing, which the device does faster. */
const MOST_ROWS = 8;

export interface LocalPredictionsParts {
  /** Computes on the calling thread, with the arithmetic of the session's device. */
  readonly local: Device;
  /** The session's own engine. */
  readonly engine: Engine;
  readonly model: TracedModel;
  /** Those that `engine` began with, in model order. */
  readonly weights: readonly Float32Array[];
  readonly seed: number;
}

export class LocalPredictions {
  readonly #engine: Engine;
  readonly #here: Engine;
  /** Which of the engine's weights are here. */
  #version: number;
  #refresh: { readonly version: number; readonly done: Promise<Engine> } | undefined;

  constructor({ local, engine, model, weights, seed }: LocalPredictionsParts) {
    this.#engine = engine;
    this.#here = new Engine(local, model, weights, seed);
    this.#version = engine.weightsVersion;
  }

  /** The engine that shall predict that many rows: at once, unless weights must be read first. */
  engineFor(rows: number): Engine | Promise<Engine> {
    if (rows > MOST_ROWS) return this.#engine;
    const version = this.#engine.weightsVersion;
    if (this.#version === version) return this.#here;
    if (this.#refresh?.version !== version) {
      this.#refresh = { version, done: this.#refreshed(version) };
    }
    return this.#refresh.done;
  }

  close(): void {
    this.#here.close();
  }

  /** Brings the weights of `version`, the present one, here. */
  async #refreshed(version: number): Promise<Engine> {
    try {
      const weights = await this.#engine.readExactWeights();
      if (version > this.#version) {
        this.#here.writeWeights(weights);
        this.#version = version;
      }
      return this.#here;
    } finally {
      if (this.#refresh?.version === version) this.#refresh = undefined;
    }
  }
}
