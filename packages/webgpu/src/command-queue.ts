/**
 * The one order of everything a device is asked to do: runs, writes, reads, frees.
 *
 * Runs are long, so they wait here and are handed to the GPU in submits of about 20 ms, a few at a
 * time; the completion of one lets the next go. What comes after a run waits until that run is
 * submitted, and the GPU's own queue keeps the order from there.
 */
import { FailureLatch, HoneError, isHoneError } from "@hone/core/backend";
import { oneLine } from "./pipelines.js";
import type { Recording } from "./recording.js";
import type { StepCounter } from "./step-counter.js";
import { MOST_STEPS } from "./step-counter.js";

const SUBMIT_MS = 20;
const MOST_IN_FLIGHT = 3;
/** What a loss breaks is heard before the loss itself. */
const LOSS_HEARD_MS = 500;

interface Run {
  readonly recording: Recording;
  first: number;
  remaining: number;
}

type Operation = Run | (() => void);

export class CommandQueue {
  readonly #device: GPUDevice;
  readonly #steps: StepCounter;
  #pending: Operation[] = [];
  readonly #waiting = new Set<(error: HoneError) => void>();
  #inFlight = 0;
  #submitsDone = 0;
  #lastDone = 0;
  #ended: HoneError | undefined;
  readonly #failure = new FailureLatch();

  constructor(device: GPUDevice, steps: StepCounter) {
    this.#device = device;
    this.#steps = steps;
  }

  get submitsDone(): number {
    return this.#submitsDone;
  }

  /** True when an action would take effect at once. */
  get idle(): boolean {
    return this.#pending.length === 0;
  }

  run(recording: Recording, first: number, steps: number): void {
    if (steps > 0) this.#enqueue({ recording, first, remaining: steps });
  }

  /** Calls `action` when everything before it has been submitted. */
  after(action: () => void): void {
    this.#enqueue(action);
  }

  /**
   * What `start` promises, begun in its turn. Rejects when the device is lost, since a lost device
   * resolves everything without a word, and with what went wrong unheard before.
   */
  wait<T>(start: () => Promise<T>): Promise<T> {
    const inTurn = () =>
      new Promise<T>((resolve, reject) => {
        this.after(() => void (async () => start())().then(resolve, reject));
      });
    return this.untilLost(async () => {
      const value = await inTurn();
      const failure = this.#heard();
      if (failure) throw failure;
      return value;
    });
  }

  /** What `begin` promises. Rejects when the device is lost, however that shows. */
  untilLost<T>(begin: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      this.#waiting.add(reject);
      const settle = (action: () => void) => {
        this.#waiting.delete(reject);
        if (this.#ended) reject(this.#ended);
        else action();
      };
      begin().then(
        (value) => settle(() => resolve(value)),
        async (error: unknown) => {
          if (mayComeOfLoss(error)) await this.#lossIfAny();
          settle(() => reject(isHoneError(error) ? error : (this.#heard() ?? unexpected(error))));
        },
      );
    });
  }

  /** Keeps the first error that nobody asked for, until a `wait` throws it. */
  fail(error: unknown): void {
    this.#failure.keep(unexpected(error));
  }

  /** Nothing runs any more: forgets what is pending and rejects what is awaited. */
  end(error: HoneError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#pending = [];
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** Resolves when the device is lost, or has had time to say so. */
  async #lossIfAny(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LOSS_HEARD_MS);
    });
    await Promise.race([this.#device.lost, timeUp]);
    clearTimeout(timer);
  }

  /** What went wrong unheard, if anything, once. */
  #heard(): unknown {
    try {
      this.#failure.release();
    } catch (error) {
      return error;
    }
    return undefined;
  }

  #enqueue(operation: Operation): void {
    if (this.#ended) return;
    this.#pending.push(operation);
    this.#pump();
  }

  #pump(): void {
    for (;;) {
      const next = this.#pending[0];
      if (next === undefined) return;
      if (typeof next === "function") {
        this.#pending.shift();
        this.#act(next);
      } else {
        if (this.#inFlight >= MOST_IN_FLIGHT) return;
        const steps = Math.min(next.remaining, next.recording.stepsPerSubmit);
        this.#submit(next, steps);
        next.first += steps;
        next.remaining -= steps;
        if (next.remaining === 0) this.#pending.shift();
      }
    }
  }

  #act(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (isHoneError(error)) this.#failure.keep(error);
      else this.fail(error);
    }
  }

  #submit({ recording, first }: Run, steps: number): void {
    const encoder = this.#device.createCommandEncoder({ label: recording.name });
    const pass = encoder.beginComputePass();
    for (let index = 0; index < steps; index++) {
      if (recording.usesStep) this.#steps.set(pass, index);
      recording.encode(pass);
    }
    pass.end();
    if (recording.usesStep) this.#steps.start(first);
    this.#device.queue.submit([encoder.finish()]);
    this.#inFlight++;
    const submitted = performance.now();
    const done = () => {
      const now = performance.now();
      adapt(recording, steps, now - Math.max(submitted, this.#lastDone));
      this.#lastDone = now;
      this.#inFlight--;
      this.#submitsDone++;
      this.#pump();
    };
    this.#device.queue.onSubmittedWorkDone().then(done, done);
  }
}

function mayComeOfLoss(error: unknown): boolean {
  return !isHoneError(error) || error.kind === "Internal";
}

/** What WebGPU says that it should not have had to. A GPUError has a message and is no Error. */
function unexpected(error: unknown): HoneError {
  if (isHoneError(error)) return error;
  const { message } = error as { readonly message?: unknown };
  const text = oneLine(typeof message === "string" ? message : String(error)).replace(/\.$/, "");
  return new HoneError("Internal", "webgpu", `${text}. Please report this.`, { cause: error });
}

/** Aims at submits of SUBMIT_MS; grows twofold at most, since the first ones are slow to start. */
function adapt(recording: Recording, steps: number, elapsedMs: number): void {
  const fitting = Math.floor((SUBMIT_MS * steps) / Math.max(elapsedMs, 0.01));
  recording.stepsPerSubmit = Math.max(1, Math.min(fitting, 2 * steps, MOST_STEPS));
}
