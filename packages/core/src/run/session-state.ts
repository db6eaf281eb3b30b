/**
 * What a session has once its model is captured: weights on a device and copies of them on the host. Its state is `home`
 * (weights and slots), `counts`, and the training it is in. How it is kept and taken elsewhere is loaded when that is
 * asked for (session-keeping.ts).
 */
import type { Device, TypedArray } from "../backend.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { type Failover, isOfDevice } from "./failover.js";
import { Home } from "./home.js";
import { Journal } from "./journal.js";
import { lookoutOf, type Worker } from "./lookout.js";
import { checkTensors, runMarkOf, stateOf } from "./read-checkpoint.js";
import type { SessionKeeping } from "./session-keeping.js";
import type { Captured } from "./session-model.js";
import type { Membership, SharedWeights } from "./shared-weights.js";
import { Snapshots, type StateTensors } from "./snapshots.js";
import type { TrainingState } from "./train-pass.js";
import type { RunMark, SessionMark, TrainingRun } from "./training-run.js";

export interface StateParts {
  readonly device: Device;
  readonly captured: Captured;
  readonly failover: Failover;
  readonly localOf: (device: Device) => Promise<Device | undefined>;
  readonly local: Device | undefined;
  readonly shared: SharedWeights;
  /** Stands for each weight, in their order. */
  readonly variables: readonly object[];
  readonly scales: () => SessionCheckpoint["scales"];
  readonly resume: SessionCheckpoint | undefined;
  /** Refuses a checkpoint of another model; unless given that is left to who trains. */
  readonly checkResume?: ((resume: SessionCheckpoint, captured: Captured) => void) | undefined;
}

export class SessionState implements Worker {
  readonly parts: StateParts;
  readonly home: Home;
  readonly snapshots: Snapshots<SessionMark>;
  readonly journal = new Journal();
  readonly sharing: Membership;
  readonly counts: TrainingState;
  /** The training under way. */
  run: TrainingRun | undefined;
  /** The last thing it learned from was a single batch. */
  takesBatches = false;
  isClosed = false;
  #keeping: SessionKeeping | undefined;

  constructor(parts: StateParts) {
    const { device, local, captured, resume, shared, variables, failover } = parts;
    const { weights } = captured.traced;
    this.parts = parts;
    if (resume) parts.checkResume?.(resume, captured);
    if (resume) checkTensors(resume.tensors, weights, "weight");
    const tensors: StateTensors = resume
      ? stateOf(resume.tensors)
      : new Map(weights.map(({ name }, index) => [name, captured.weights[index] as TypedArray]));
    const values = weights.map(({ name }) => tensors.get(name) as TypedArray);
    const { patienceMs } = failover.options;
    this.home = new Home({
      device,
      local,
      weights,
      values,
      seed: captured.setup.seed,
      patienceMs,
    });
    if (resume) {
      this.home.write(tensors);
      this.home.predictionSteps = resume.predictionSteps;
    }
    this.counts = { step: resume?.step ?? 0, epochs: resume?.epochs ?? 0 };
    const mark = { ...this.counts, run: resume && runMarkOf(resume) };
    const trained = weights.filter(({ trainable }) => trainable).map(({ name }) => name);
    this.snapshots = new Snapshots({ tensors, mark }, trained);
    this.sharing = shared.join(
      {
        home: this.home,
        read: () => this.surviving(async () => (await this.home.settled()).readExactWeights()),
      },
      weights,
      variables,
    );
    // Where it is needed there may be no network any more.
    if (failover.isThere) this.keeping().catch(() => undefined);
  }

  /** The training that was left in the middle, if nothing has moved the weights since. */
  get unfinished(): RunMark | undefined {
    const { mark } = this.snapshots.newest;
    return mark.step === this.counts.step ? mark.run : undefined;
  }

  /** No training is to be gone on with. */
  forgetUnfinished(): void {
    this.snapshots.remark({ ...this.snapshots.newest.mark, run: undefined });
  }

  /** How the state is kept and goes to other devices. */
  async keeping(): Promise<SessionKeeping> {
    return this.#keeping ?? this.kept((await import("./session-keeping.js")).SessionKeeping);
  }

  /** The same, for who has loaded it. */
  kept(Keeping: typeof SessionKeeping): SessionKeeping {
    this.#keeping ??= new Keeping(this);
    return this.#keeping;
  }

  /** Does a task that changes nothing, again on another device where this one fails. */
  async surviving<T>(task: () => Promise<T>): Promise<T> {
    for (;;) {
      const { generation } = this.home;
      try {
        const result = await task();
        this.parts.failover.progressed();
        this.looked();
        return result;
      } catch (error) {
        const keeping = isOfDevice(error) && (await this.keeping().catch(() => undefined));
        if (!keeping) throw error;
        await keeping.survival.recover(error, generation);
      }
    }
  }

  /** Tells the device of the work, where it looks for a better one. */
  looked(): void {
    lookoutOf(this.parts.device)?.looked(this);
  }

  /** Fetches what sessions that share weights have moved. */
  async bring(): Promise<void> {
    if (await this.sharing.bring()) await this.renew();
  }

  /** The weights were set: nothing before that counts any more. @param weights where no step was taken since the newest snapshot */
  async renew(weights?: StateTensors): Promise<void> {
    const { newest } = this.snapshots;
    const isKnown = weights !== undefined && newest.mark.step === this.counts.step;
    const tensors = isKnown
      ? new Map([...newest.tensors, ...weights])
      : await this.home.readState();
    this.journal.clear();
    this.snapshots.reset({ tensors, mark: { ...this.counts, run: undefined } });
  }

  close(): void {
    this.isClosed = true;
    this.home.close();
    this.parts.failover.close();
  }
}
