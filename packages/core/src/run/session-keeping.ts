/**
 * How a session's state is kept, as snapshots and checkpoints, and goes from one device to the next. Loaded when that is
 * asked for, and with it what else few sessions need: more parts would cost more than they save.
 */
import type { Device } from "../backend.js";
import type { HoneError } from "../errors.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { withCheckpoint } from "./checkpoint-error.js";
import { checkIsDevice } from "./device-check.js";
import { Failover, type FailoverPlan } from "./failover.js";
import { sessionCheckpoint } from "./make-checkpoint.js";
import { checkOptions } from "./options.js";
import type { Moved } from "./records.js";
import { classNamesBy, SAVED_OPTIONS } from "./saved-about.js";
import { MODEL_FORMAT, type SavedAbout, type SavedModel } from "./saved-model.js";
import type { Captured } from "./session-model.js";
import { type PresentState, pastOf } from "./session-past.js";
import type { Snapshot } from "./snapshots.js";
import { structureOf } from "./structure.js";
import { Survival } from "./survival.js";
import type { SessionMark } from "./training-run.js";

export { failoverOptions } from "./failover.js";
export { fewerRows } from "./fewer-rows.js";
export { checkResumed, resumable } from "./resumed.js";
export { pastOf } from "./session-past.js";
export { SharedWeights } from "./shared-weights.js";

/** The state that is kept: a session's. */
export interface KeptState extends PresentState {
  readonly parts: PresentState["parts"] & {
    readonly captured: Captured;
    readonly failover: FailoverPlan;
    readonly localOf: (device: Device) => Promise<Device | undefined>;
    readonly scales: () => SessionCheckpoint["scales"];
  };
  readonly isClosed: boolean;
  keeping: SessionKeeping | undefined;
  looked(): void;
}

/** How the session is kept, from when it is first asked for. */
export function keepingOf(state: KeptState): SessionKeeping {
  if (!state.keeping) {
    state.keeping = new SessionKeeping(state);
    if (state.isClosed) state.keeping.close();
  }
  return state.keeping;
}

export class SessionKeeping {
  readonly survival: Survival<SessionMark>;
  readonly #state: KeptState;
  readonly #structure: string;
  readonly #failover: Failover;

  constructor(state: KeptState) {
    const { captured, failover } = state.parts;
    const { traced, setup } = captured;
    this.#state = state;
    this.#structure = structureOf([traced.training, traced.inference], traced.weights, setup.terms);
    this.#failover = new Failover(failover);
    const { snapshots } = pastOf(state);
    this.survival = new Survival(state.home, snapshots, this.#survivor(), this.#failover);
  }

  /** What was asked of the device was done: what failed before may be tried again. */
  progressed(): void {
    this.#failover.progressed();
  }

  /** Closes the devices that were opened to go on with. */
  close(): void {
    this.#failover.close();
  }

  /** @param options `training`: with the one that is in the middle, as unless said otherwise */
  async checkpoint({ training = true } = {}): Promise<SessionCheckpoint> {
    const past = pastOf(this.#state);
    const { tensors, mark } = await this.survival.surviving(() => past.snapshotNow());
    return this.#checkpointOf({ tensors, mark: training ? mark : { ...mark, run: undefined } });
  }

  /** The model as it is now. @param known what it is called unless said otherwise, and what the data sets have called its classes */
  async saved(
    about: SavedAbout,
    known: Required<Pick<SavedModel, "name" | "classNames">>,
  ): Promise<SavedModel> {
    checkOptions("save", about, SAVED_OPTIONS);
    const { traced, setup } = this.#state.parts.captured;
    return {
      format: MODEL_FORMAT,
      kind: "model",
      name: about.name ?? known.name,
      traced,
      terms: setup.terms,
      classNames: { ...known.classNames, ...classNamesBy(traced.outputs, about.classNames) },
      state: await this.checkpoint({ training: false }),
    };
  }

  /** @throws BadArgument for what is no device; DeviceLost */
  async moveTo(device: Device, reason = "asked for"): Promise<Moved> {
    checkIsDevice("moveTo", device);
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
      replay: () => pastOf(state).journal.replay(),
      stepOf: ({ step }: SessionMark) => step,
      localOf: state.parts.localOf,
      isTraining: () => state.run !== undefined,
      looked: () => state.looked(),
      withCheckpoint: (error: HoneError, snapshot: Snapshot<SessionMark>) =>
        withCheckpoint(error, snapshot.mark.step, () => this.#checkpointOf(snapshot)),
    };
  }
}
