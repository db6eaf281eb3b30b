/** How a session's state is kept, as snapshots and checkpoints, and goes from one device to the next. */
import type { Device } from "../backend.js";
import type { HoneError } from "../errors.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { withCheckpoint } from "./checkpoint-error.js";
import type { Failover } from "./failover.js";
import type { Home } from "./home.js";
import type { Journal } from "./journal.js";
import { sessionCheckpoint } from "./make-checkpoint.js";
import type { Moved } from "./records.js";
import type { Captured } from "./session-model.js";
import type { Snapshot, Snapshots } from "./snapshots.js";
import { structureOf } from "./structure.js";
import { Survival } from "./survival.js";
import type { TrainingState } from "./train-pass.js";
import type { RunMark, SessionMark, TrainingRun } from "./training-run.js";

/** The state that is kept: a session's. */
export interface KeptState {
  readonly parts: {
    readonly captured: Captured;
    readonly failover: Failover;
    readonly localOf: (device: Device) => Promise<Device | undefined>;
    readonly scales: () => SessionCheckpoint["scales"];
  };
  readonly home: Home;
  readonly snapshots: Snapshots<SessionMark>;
  readonly journal: Journal;
  readonly counts: TrainingState;
  readonly run: TrainingRun | undefined;
  readonly unfinished: RunMark | undefined;
  looked(): void;
}

export class SessionKeeping {
  readonly survival: Survival<SessionMark>;
  readonly #state: KeptState;
  readonly #structure: string;

  constructor(state: KeptState) {
    const { captured, failover } = state.parts;
    const { traced, setup } = captured;
    this.#state = state;
    this.#structure = structureOf([traced.training, traced.inference], traced.weights, setup.terms);
    this.survival = new Survival(state.home, state.snapshots, this.#survivor(), failover);
  }

  /** The state after all that was enqueued; the last sound one where that is ruined. */
  async snapshotNow(): Promise<Snapshot<SessionMark>> {
    const { home, snapshots } = this.#state;
    await home.settled();
    const { run, unfinished } = this.#state;
    const counts = { ...this.#state.counts };
    const known = run ? undefined : unfinished;
    const [tensors, ahead] = await Promise.all([home.readState(), run?.markAhead()]);
    const isRuined = run !== undefined && (!ahead || !snapshots.isSound(tensors));
    return isRuined ? snapshots.newest : { tensors, mark: { ...counts, run: ahead ?? known } };
  }

  /** @param options `training`: with the one that is in the middle, as unless said otherwise */
  async checkpoint({ training = true } = {}): Promise<SessionCheckpoint> {
    const { tensors, mark } = await this.survival.surviving(() => this.snapshotNow());
    return this.#checkpointOf({ tensors, mark: training ? mark : { ...mark, run: undefined } });
  }

  moveTo(device: Device, reason = "asked for"): Promise<Moved> {
    return this.survival.moveTo(device, reason);
  }

  #checkpointOf(snapshot: Snapshot<SessionMark>): SessionCheckpoint {
    const { parts, home } = this.#state;
    const { traced, setup } = parts.captured;
    const facts = {
      structure: this.#structure,
      numerics: home.device.info.numerics,
      seed: setup.seed,
      optimizer: setup.optimizer,
      weights: traced.weights,
      predictionSteps: home.predictionSteps,
      scales: parts.scales(),
    };
    return sessionCheckpoint(facts, snapshot);
  }

  #survivor() {
    const state = this.#state;
    return {
      mark: (): SessionMark => ({ ...state.counts, run: state.run?.mark() }),
      returnTo: ({ step, epochs, run }: SessionMark) => {
        Object.assign(state.counts, { step, epochs });
        if (run) state.run?.returnTo(run);
      },
      replay: () => state.journal.replay(),
      stepOf: ({ step }: SessionMark) => step,
      localOf: state.parts.localOf,
      isTraining: () => state.run !== undefined,
      looked: () => state.looked(),
      withCheckpoint: (error: HoneError, snapshot: Snapshot<SessionMark>) =>
        withCheckpoint(error, snapshot.mark.step, () => this.#checkpointOf(snapshot)),
    };
  }
}
