/**
 * What a session has once its model is captured: `home` (weights and slots, on a device), `counts`, and the training it
 * is in. What it can go back to (session-past.ts), how it is kept and taken elsewhere (session-keeping.ts), and what
 * others share with it (shared-weights.ts) is loaded when that is asked for.
 */
import type { Device, TypedArray } from "../backend.js";
import type { WeightInfo } from "../graph/template.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { type StateTensors, stateOf } from "./checkpoint-tensors.js";
import { isOfDevice } from "./device-failure.js";
import type { FailoverPlan } from "./failover.js";
import { Home } from "./home.js";
import { lookoutOf, type Worker } from "./lookout.js";
import type { SessionKeeping } from "./session-keeping.js";
import type { Captured } from "./session-model.js";
import type { SessionPast } from "./session-past.js";
import type { Membership, SharedWeights } from "./shared-weights.js";
import type { TrainingState } from "./train-pass.js";
import type { TrainingRun } from "./training-run.js";

export interface StateParts {
  readonly device: Device;
  readonly captured: Captured;
  readonly failover: FailoverPlan;
  readonly localOf: (device: Device) => Promise<Device | undefined>;
  readonly local: Device | undefined;
  /** Stands for each weight, in their order. */
  readonly variables: readonly object[];
  readonly scales: () => SessionCheckpoint["scales"];
  readonly resume: SessionCheckpoint | undefined;
  /** Refuses a checkpoint of another model; unless given that is left to who trains. */
  readonly checkResume?: ((resume: SessionCheckpoint, captured: Captured) => void) | undefined;
}

export class SessionState implements Worker {
  readonly parts: StateParts;
  readonly weights: readonly WeightInfo[];
  readonly home: Home;
  /** Weights and slots that it has begun with. */
  readonly begun: StateTensors;
  readonly counts: TrainingState;
  past: SessionPast | undefined;
  keeping: SessionKeeping | undefined;
  sharing: Membership | undefined;
  /** The training under way. */
  run: TrainingRun | undefined;
  /** The last thing it learned from was a single batch. */
  takesBatches = false;
  isClosed = false;

  constructor(parts: StateParts) {
    const { device, local, captured, resume, failover } = parts;
    const { weights } = captured.traced;
    this.parts = parts;
    this.weights = weights;
    if (resume) parts.checkResume?.(resume, captured);
    this.begun = resume
      ? stateOf(resume.tensors)
      : new Map(weights.map(({ name }, index) => [name, captured.weights[index] as TypedArray]));
    this.home = new Home({
      device,
      local,
      weights,
      values: weights.map(({ name }) => this.begun.get(name) as TypedArray),
      seed: captured.setup.seed,
      patienceMs: failover.options.patienceMs,
    });
    if (resume) {
      this.home.write(this.begun);
      this.home.predictionSteps = resume.predictionSteps;
    }
    this.counts = { step: resume?.step ?? 0, epochs: resume?.epochs ?? 0 };
    // Where it is needed there may be no network any more.
    if (this.mayFailOver) void this.keptIfLoads();
  }

  /** Whether there is another device to go on with, or this one is looked at now and then. */
  get mayFailOver(): boolean {
    const { backends, watchMs } = this.parts.failover.options;
    return backends.length > 0 || watchMs !== undefined;
  }

  /** What it can go back to. */
  async remembered(): Promise<SessionPast> {
    return this.past ?? (await import("./session-keeping.js")).pastOf(this);
  }

  /** How the state is kept and goes to other devices. */
  async kept(): Promise<SessionKeeping> {
    if (this.keeping) return this.keeping;
    const keeping = (await import("./session-keeping.js")).keepingOf(this);
    // It may have been closed while that was loaded.
    if (this.isClosed) keeping.close();
    return keeping;
  }

  /** The same; undefined where it cannot be loaded. */
  keptIfLoads(): Promise<SessionKeeping | undefined> {
    return this.kept().catch(() => undefined);
  }

  /** Does a task that changes nothing, again on another device where this one fails. */
  async surviving<T>(task: () => Promise<T>): Promise<T> {
    for (;;) {
      const { generation } = this.home;
      try {
        const result = await task();
        this.keeping?.progressed();
        this.looked();
        return result;
      } catch (error) {
        const keeping = isOfDevice(error) && (await this.keptIfLoads());
        if (!keeping) throw error;
        await keeping.survival.recover(error, generation);
      }
    }
  }

  /** Tells the device of the work, where it looks for a better one. */
  looked(): void {
    lookoutOf(this.parts.device)?.looked(this);
  }

  /** From now on what another session of the group has moved is fetched before it is used. @throws BadArgument */
  join(group: SharedWeights): void {
    const { home, weights } = this;
    const read = () => this.surviving(async () => (await home.settled()).readExactWeights());
    this.sharing = group.join({ home, read }, weights, this.parts.variables);
  }

  /** Fetches what sessions that share weights have moved. */
  async bring(): Promise<void> {
    if (await this.sharing?.bring()) await (await this.remembered()).renew();
  }

  close(): void {
    this.isClosed = true;
    this.home.close();
    this.keeping?.close();
  }
}
