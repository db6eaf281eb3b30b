/** One candidate in the race: from a backend that works here to a device that computes the user's steps. */
import { deviceFault } from "../adapter/nonsense.js";
import type { Backend, Device, DeviceInfo } from "../backend.js";
import { HoneError } from "../errors.js";
import type { Graph } from "../graph/types.js";
import { missing } from "../plan/fuse.js";
import { messageOf } from "../value-text.js";
import type { CandidateFigures } from "./candidate.js";
import { type FirstStep, OwnProgram } from "./own-program.js";
import { patienceOf, within } from "./patience.js";
import type { Patience } from "./solve.js";
import { readyToVerify, verifyDevice } from "./verify-device.js";
import type { Work } from "./work.js";

/** A first step may take up to this many times as long as a later one: code is still being compiled. */
const FIRST_STEP_FACTOR = 10;

const OPEN_LIMIT_MS = 20_000;
/** A device that answered on known problems is taken at its word for longer. */
const PATIENCE_MS = 60_000;
const CLOSE_LIMIT_MS = 3000;

/** Why a candidate cannot be used: the message is the end of a sentence. */
export class Refusal extends Error {
  /** It has computed wrong; else it may only have lacked room, or time. */
  readonly isWrong: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isWrong?: boolean } = {}) {
    super(message, options);
    this.isWrong = options.isWrong ?? false;
  }
}

export class Runner {
  readonly backend: Backend;
  readonly kind: DeviceInfo["kind"];
  readonly hint: string | undefined;
  readonly #ending = new AbortController();
  #work: Work | undefined;
  #beganMs = performance.now();
  #device: Device | undefined;
  #program: OwnProgram | undefined;
  #openMs = 0;
  #readyMs = 0;
  #compileMs = 0;
  #first: FirstStep | undefined;
  #released = false;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #preparing: Promise<void> | undefined;
  /** What it is at, for whoever loses patience. */
  stage = "opening";
  /** Of one step, from each round. */
  readonly samplesMs: number[] = [];

  constructor(backend: Backend, kind: DeviceInfo["kind"], hint: string | undefined) {
    this.backend = backend;
    this.kind = kind;
    this.hint = hint;
  }

  /** The same backend, as nobody has touched it. */
  anew(): Runner {
    return new Runner(this.backend, this.kind, this.hint);
  }

  get name(): string {
    return this.backend.name;
  }

  get device(): Device {
    return this.#device as Device;
  }

  /** Its first step is taken: there are figures. */
  get ready(): boolean {
    return this.#compileMs > 0;
  }

  get first(): FirstStep {
    return this.#first as FirstStep;
  }

  get mostSteps(): number {
    return this.#program?.mostSteps ?? 1;
  }

  /** Milliseconds of opening and trial. */
  get readyMs(): number {
    return this.#readyMs;
  }

  /** Milliseconds since it began. */
  get spentMs(): number {
    return performance.now() - this.#beganMs;
  }

  /**
   * Opens the device and tries it on known answers; once, however often it is asked.
   * @param graph the step in primitive ops, where there is one: all its ops must be there, and are tried @throws Refusal
   */
  start(graph?: Graph): Promise<void> {
    this.#starting ??= this.#start(graph).catch((error: unknown) => {
      throw refusal(error);
    });
    return this.#starting;
  }

  /** Starts, if it has not; loads the user's own program, and takes its first step. @throws Refusal */
  async prepare(work: Work, graph: Graph): Promise<void> {
    this.#work = work;
    this.#beganMs = performance.now();
    this.#preparing = this.#prepare(work, graph);
    try {
      await this.#preparing;
    } catch (error) {
      throw refusal(error);
    }
  }

  /** Nobody waits for it any more. @throws Refusal */
  #goOn(stage: string): void {
    if (this.#ending.signal.aborted || this.#released) throw new Refusal("it was dropped");
    this.stage = stage;
  }

  async #start(graph: Graph | undefined): Promise<void> {
    this.#goOn("opening");
    const late = () => new Refusal(`open has not ended after ${OPEN_LIMIT_MS / 1000} s`);
    const beganMs = performance.now();
    const { signal } = this.#ending;
    // Beside the opening, which mostly happens elsewhere.
    void readyToVerify();
    this.#device = await within(this.backend.open({ signal }), OPEN_LIMIT_MS, late);
    this.#openMs = performance.now() - beganMs;
    const fault = deviceFault(this.#device);
    if (fault !== undefined) throw new Refusal(fault);
    const { target } = this.#device;
    const lacking = graph ? missing(graph, target.ops) : [];
    if (lacking.length > 0) throw new Refusal(`it lacks ${lacking.join(", ")}`);

    this.#goOn("being tried on known answers");
    const ops = graph && [...new Set(graph.nodes.map(({ op }) => op))];
    const verdict = await verifyDevice(this.#device, ops ? { ops } : {});
    if (!verdict.ok) throw new Refusal(verdict.reason);
    this.#readyMs = performance.now() - beganMs;
    this.#goOn("ready");
  }

  async #prepare(work: Work, graph: Graph): Promise<void> {
    await this.start(graph);
    this.#goOn("compiling");
    const computing = await this.#computing(work);
    const patience: Patience = patienceOf(this.name, PATIENCE_MS);
    const loadingMs = performance.now();
    this.#program = await OwnProgram.load(computing, work, patience);
    const loadMs = performance.now() - loadingMs;
    if (this.#released) this.release();
    this.#goOn("taking its first step");
    this.#first = await this.#program.first();
    this.#compileMs = loadMs + this.#first.milliseconds;
  }

  /** Where small predictions are made. */
  async #computing({ latency, mode, batchSize }: Work): Promise<Device> {
    const small = latency && mode === "predict" && batchSize <= 8;
    const local = small ? await this.device.local?.() : undefined;
    return local?.info.numerics === this.device.info.numerics ? local : this.device;
  }

  /** Takes the time of some steps, and keeps it as a sample unless they are only to warm up. @throws Refusal */
  async sample(steps: number, keep = true): Promise<void> {
    try {
      const milliseconds = (await (this.#program as OwnProgram).run(steps)) / steps;
      if (keep) this.samplesMs.push(milliseconds);
    } catch (error) {
      throw refusal(error);
    }
  }

  /** As `OwnProgram.slope`. @throws Refusal */
  async slope(direction: readonly Float64Array[], distance: number): Promise<number> {
    try {
      return await (this.#program as OwnProgram).slope(direction, distance);
    } catch (error) {
      throw refusal(error);
    }
  }

  /** As `OwnProgram.firstNotFinite`. @throws Refusal */
  async firstNotFinite(): ReturnType<OwnProgram["firstNotFinite"]> {
    try {
      return await (this.#program as OwnProgram).firstNotFinite();
    } catch (error) {
      throw refusal(error);
    }
  }

  /** The least a step may take, by what is known so far. */
  get leastStepMs(): number {
    if (this.samplesMs.length > 0) return Math.min(...this.samplesMs);
    return this.first.milliseconds / FIRST_STEP_FACTOR;
  }

  /** No total can be below this. */
  get leastTotalMs(): number {
    return this.#openMs + this.#compileMs + (this.#work?.steps ?? 0) * this.leastStepMs;
  }

  get figures(): CandidateFigures {
    return this.figuresFor(this.#work?.steps ?? 0);
  }

  /** What it would have taken for another number of steps. */
  figuresFor(steps: number): CandidateFigures {
    const [openMs, compileMs] = [this.#openMs, this.#compileMs];
    const stepMs = median(this.samplesMs);
    const startMs = openMs + compileMs;
    if (stepMs === undefined) {
      return { openMs, compileMs, totalMs: startMs + steps * this.leastStepMs };
    }
    return { openMs, compileMs, stepMs, totalMs: startMs + steps * stepMs };
  }

  /** Frees the program, for good; the device stays open. */
  release(): void {
    this.#released = true;
    this.#program?.dispose();
    this.#program = undefined;
  }

  /**
   * Closes the device, now or as soon as it has opened, and waits until it has stopped. Never throws, and does not
   * wait for ever.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#ending.abort();
    const late = () => new Refusal("close has not ended");
    try {
      this.release();
      await within(this.#stop(), CLOSE_LIMIT_MS, late);
    } catch {
      // It is lost either way, and was not chosen.
    }
  }

  async #stop(): Promise<void> {
    const open = this.#device;
    await open?.close();
    // A driver that is still compiling must not be left at it when the process ends.
    await this.#starting?.catch(() => undefined);
    await this.#preparing?.catch(() => undefined);
    if (open === undefined) await this.#device?.close();
  }
}

function refusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (typeof error === "string") return new Refusal(error, { isWrong: true });
  const message = messageOf(error);
  const said = error instanceof HoneError ? message.replace(/^\[hone\] /, "") : message;
  return new Refusal(said.replace(/\.$/, ""), { cause: error });
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
