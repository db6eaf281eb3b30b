/**
 * What a session has once its model is captured: weights on a device, copies of them on the host, and the way from one
 * device to the next. Its state is `home` (weights and slots), `counts`, and the training it is in.
 */
import type { Device, TypedArray } from "../backend.js";
import { HoneError } from "../errors.js";
import { slotTensors } from "../graph/apply-optimizer.js";
import type { TracedModel } from "../graph/template.js";
import { figureColumns, figuresWidth } from "../graph/terms.js";
import type { BatchRows } from "./batch-rows.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { withCheckpoint } from "./checkpoint-error.js";
import type { Failover } from "./failover.js";
import { Home } from "./home.js";
import { Journal } from "./journal.js";
import { lookoutOf, type Worker, type WorkLeft } from "./lookout.js";
import { checkTensors, runMarkOf, SUMS, sessionCheckpoint, stateOf } from "./make-checkpoint.js";
import type { Moved } from "./records.js";
import type { Captured } from "./session-model.js";
import type { Membership, SharedWeights } from "./shared-weights.js";
import { type Snapshot, Snapshots, type StateTensors } from "./snapshots.js";
import { structureOf } from "./structure.js";
import { Survival } from "./survival.js";
import {
  type BatchFigures,
  type BatchStepOptions,
  BatchSteps,
  bytesOf,
  copied,
} from "./train-on-batch.js";
import type { TrainingState } from "./train-pass.js";
import type { RunMark, SessionMark, TrainingRun } from "./training-run.js";
import { workLeft } from "./work-left.js";

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
}

export class SessionState implements Worker {
  readonly home: Home;
  readonly snapshots: Snapshots<SessionMark>;
  readonly survival: Survival<SessionMark>;
  readonly batches: BatchSteps;
  readonly journal = new Journal();
  readonly sharing: Membership;
  readonly counts: TrainingState;
  #run: TrainingRun | undefined;
  #isClosed = false;
  /** The last thing it learned from was a single batch. */
  #takesBatches = false;
  readonly #parts: StateParts;
  readonly #structure: string;

  constructor(parts: StateParts) {
    const { device, local, captured, resume, shared, variables } = parts;
    const { traced, setup } = captured;
    const { weights } = traced;
    const trained = weights.filter(({ trainable }) => trainable).map(({ name }) => name);
    const slots = slotTensors(setup.optimizer, trained);
    this.#parts = parts;
    this.#structure = structureOf([traced.training, traced.inference], weights, setup.terms);
    if (resume) checkFits(resume, { structure: this.#structure, captured, slots });
    const tensors: StateTensors = resume
      ? stateOf(resume.tensors)
      : new Map(weights.map(({ name }, index) => [name, captured.weights[index] as TypedArray]));
    const values = weights.map(({ name }) => tensors.get(name) as TypedArray);
    const { patienceMs } = parts.failover.options;
    const { seed } = setup;
    this.home = new Home({ device, local, weights, values, slots, seed, patienceMs });
    if (resume) {
      this.home.write(tensors);
      this.home.predictionSteps = resume.predictionSteps;
    }
    this.counts = { step: resume?.step ?? 0, epochs: resume?.epochs ?? 0 };
    const mark = { ...this.counts, run: resume && runMarkOf(resume) };
    this.snapshots = new Snapshots({ tensors, mark }, { trained, slots });
    this.batches = new BatchSteps(this.home, setup, this.counts);
    this.survival = new Survival(this.home, this.snapshots, this.#survivor(), parts.failover);
    this.sharing = shared.join(
      {
        home: this.home,
        read: () => this.surviving(async () => (await this.home.settled()).readExactWeights()),
      },
      weights,
      variables,
    );
  }

  /** The training under way. */
  get run(): TrainingRun | undefined {
    return this.#run;
  }

  set run(run: TrainingRun | undefined) {
    this.#run = run;
    this.#takesBatches = false;
    if (run === undefined) this.survival.rested();
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

  /** Does a task that changes nothing, again on another device where this one fails. */
  surviving<T>(task: () => Promise<T>): Promise<T> {
    return this.survival.surviving(task);
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

  /** Takes one step on rows, and goes on elsewhere if the device fails in it. */
  async stepOnBatch(
    model: TracedModel,
    batch: BatchRows,
    options: BatchStepOptions,
  ): Promise<BatchFigures> {
    const { snapshots, batches, journal } = this;
    if (this.unfinished) this.forgetUnfinished();
    this.#takesBatches = true;
    const found = await this.surviving(() => batches.step(model, batch, options));
    // Without another device there is nobody to take it again.
    if (this.#parts.failover.isThere) {
      const kept = copied(batch);
      journal.add(() => batches.step(model, kept, options), bytesOf(kept));
    }
    if (!snapshots.isDue(journal.isFull)) return found;
    const mark = { ...this.counts, run: undefined };
    const tensors = await this.surviving(() => this.home.readState());
    journal.clear();
    snapshots.reset({ tensors, mark });
    return found;
  }

  /** The state after all that was enqueued; the last sound one where that is ruined. */
  async snapshotNow(): Promise<Snapshot<SessionMark>> {
    await this.home.settled();
    const { run } = this;
    const counts = { ...this.counts };
    const known = run ? undefined : this.unfinished;
    const [tensors, ahead] = await Promise.all([this.home.readState(), run?.markAhead()]);
    const isRuined = run !== undefined && (!ahead || !this.snapshots.isSound(tensors));
    return isRuined ? this.snapshots.newest : { tensors, mark: { ...counts, run: ahead ?? known } };
  }

  async checkpoint(): Promise<SessionCheckpoint> {
    return this.#checkpointOf(await this.surviving(() => this.snapshotNow()));
  }

  #checkpointOf(snapshot: Snapshot<SessionMark>): SessionCheckpoint {
    const { captured, scales } = this.#parts;
    const { optimizer, seed } = captured.setup;
    const facts = {
      structure: this.#structure,
      numerics: this.home.device.info.numerics,
      seed,
      optimizer,
      weights: captured.traced.weights,
      predictionSteps: this.home.predictionSteps,
      scales: scales(),
    };
    return sessionCheckpoint(facts, snapshot);
  }

  moveTo(device: Device, reason = "asked for"): Promise<Moved> {
    return this.survival.moveTo(device, reason);
  }

  // As a lookout sees it.

  get device(): Device {
    return this.home.device;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get training(): WorkLeft | undefined {
    if (this.#run) return workLeft(this.#run);
    return this.#takesBatches ? { steps: undefined, milliseconds: undefined } : undefined;
  }

  atRest<T>(task: () => Promise<T>): Promise<T> {
    return this.survival.atRest(task);
  }

  close(): void {
    this.#isClosed = true;
    this.home.close();
    this.survival.close();
  }

  #survivor() {
    return {
      mark: (): SessionMark => ({ ...this.counts, run: this.run?.mark() }),
      returnTo: ({ step, epochs, run }: SessionMark) => {
        Object.assign(this.counts, { step, epochs });
        if (run) this.run?.returnTo(run);
      },
      replay: () => this.journal.replay(),
      stepOf: ({ step }: SessionMark) => step,
      localOf: this.#parts.localOf,
      isTraining: () => this.#run !== undefined,
      looked: () => lookoutOf(this.#parts.device)?.looked(this),
      withCheckpoint: (error: HoneError, snapshot: Snapshot<SessionMark>) =>
        withCheckpoint(error, snapshot.mark.step, () => this.#checkpointOf(snapshot)),
    };
  }
}

/** @throws BadArgument where the checkpoint is of another model, loss or optimizer */
function checkFits(
  resume: SessionCheckpoint,
  {
    structure,
    captured: { traced, setup },
    slots,
  }: { readonly structure: string; readonly captured: Captured; readonly slots: readonly string[] },
): void {
  const refuse = (what: string) => {
    throw new HoneError("BadArgument", "resume", what);
  };
  const { weights } = traced;
  checkTensors(resume.tensors, weights, "weight");
  const sums = resume.tensors[SUMS]?.data.length;
  if (sums !== undefined && sums !== figuresWidth(figureColumns(setup.terms))) {
    refuse(
      "its figures are not those of this loss and these metrics. Give the loss and metrics it was made of.",
    );
  }
  const count = Object.keys(resume.labels).length;
  if (count !== weights.length) {
    refuse(
      `the model has ${weights.length} weights, the checkpoint ${count}. Give the model it was made of.`,
    );
  }
  if (JSON.stringify(resume.optimizer) !== JSON.stringify(setup.optimizer)) {
    const [own, other] = [setup.optimizer, resume.optimizer].map((one) => JSON.stringify(one));
    refuse(
      `the optimizer is ${own}, and ${other} in the checkpoint. Leave it out, or give that one.`,
    );
  }
  if (resume.seed !== setup.seed) {
    refuse(
      `the seed is ${setup.seed}, and ${resume.seed} in the checkpoint. Leave it out, or give that one.`,
    );
  }
  if (resume.structure !== structure) {
    refuse(
      "layers, losses or metrics are not those of the checkpoint. Give the model it was made of, and the same loss and metrics.",
    );
  }
  if (resume.step === 0) return;
  const missing = slots.find((slot) => resume.tensors[slot] === undefined);
  if (missing !== undefined) {
    refuse(`it lacks the optimizer's "${missing}". It is damaged: take another one.`);
  }
}
