/**
 * What a session can go back to, and goes on from: snapshots of its state, what it was asked to do since the newest, and
 * the training that was left in the middle. Loaded when something is to change, or to be kept.
 */
import type { WeightInfo } from "../graph/template.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import type { StateTensors } from "./checkpoint-tensors.js";
import type { Home } from "./home.js";
import { Journal } from "./journal.js";
import { runMarkOf } from "./run-mark.js";
import { type Snapshot, Snapshots } from "./snapshots.js";
import type { TrainingState } from "./train-pass.js";
import type { RunMark, SessionMark, TrainingRun } from "./training-run.js";

/** The state whose past it is: a session's. */
export interface PresentState {
  readonly parts: { readonly resume: SessionCheckpoint | undefined };
  readonly weights: readonly WeightInfo[];
  readonly home: Home;
  readonly counts: TrainingState;
  readonly run: TrainingRun | undefined;
  /** Weights and slots that it has begun with; nothing has changed them while it has no past. */
  readonly begun: StateTensors;
  past: SessionPast | undefined;
}

/** The past of a session, which begins when it is first asked for. */
export function pastOf(state: PresentState): SessionPast {
  state.past ??= new SessionPast(state);
  return state.past;
}

export class SessionPast {
  readonly snapshots: Snapshots<SessionMark>;
  readonly journal = new Journal();
  readonly #state: PresentState;

  constructor(state: PresentState) {
    const { parts, weights, counts, begun: tensors } = state;
    const mark = { ...counts, run: parts.resume && runMarkOf(parts.resume) };
    const trained = weights.filter(({ trainable }) => trainable).map(({ name }) => name);
    this.#state = state;
    this.snapshots = new Snapshots({ tensors, mark }, trained);
  }

  /** The training that was left in the middle, if nothing has moved the weights since. */
  get unfinished(): RunMark | undefined {
    const { mark } = this.snapshots.newest;
    return mark.step === this.#state.counts.step ? mark.run : undefined;
  }

  /** No training is to be gone on with. */
  forgetUnfinished(): void {
    this.snapshots.remark({ ...this.snapshots.newest.mark, run: undefined });
  }

  /** The state after all that was enqueued; the last sound one where that is ruined. */
  async snapshotNow(): Promise<Snapshot<SessionMark>> {
    const { home } = this.#state;
    await home.settled();
    const { run } = this.#state;
    const counts = { ...this.#state.counts };
    const known = run ? undefined : this.unfinished;
    const [tensors, ahead] = await Promise.all([home.readState(), run?.markAhead()]);
    const isRuined = run !== undefined && (!ahead || !this.snapshots.isSound(tensors));
    return isRuined ? this.snapshots.newest : { tensors, mark: { ...counts, run: ahead ?? known } };
  }

  /** The weights were set: nothing before that counts any more. @param weights where no step was taken since the newest snapshot */
  async renew(weights?: StateTensors): Promise<void> {
    const { newest } = this.snapshots;
    const { home, counts } = this.#state;
    const isKnown = weights !== undefined && newest.mark.step === counts.step;
    const tensors = isKnown ? new Map([...newest.tensors, ...weights]) : await home.readState();
    this.journal.clear();
    this.snapshots.reset({ tensors, mark: { ...counts, run: undefined } });
  }
}
