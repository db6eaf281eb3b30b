/**
 * What a program has on its device, copies of it on the host, and the way from one device to the next. Its state is
 * `home` (variables and slots) and how far each function has come.
 */
import type { Device } from "../backend.js";
import { HoneError } from "../errors.js";
import { textHash } from "../text-hash.js";
import { CHECKPOINT_FORMAT, type ProgramCheckpoint, type SavedFunction } from "./checkpoint.js";
import { withCheckpoint } from "./checkpoint-error.js";
import { stateOf } from "./checkpoint-tensors.js";
import { contentOf } from "./content.js";
import { Failover } from "./failover.js";
import { type FunctionMark, FunctionRunner } from "./function-runner.js";
import { Home } from "./home.js";
import { Journal } from "./journal.js";
import { labelsOf, savedTensors } from "./make-checkpoint.js";
import type { ProgramFunction, ProgramParts } from "./program-run.js";
import { type Snapshot, Snapshots } from "./snapshots.js";
import { structureOf } from "./structure.js";
import { Survival } from "./survival.js";
import { checkTensors } from "./tensor-checks.js";

/** How far each function has come, by name. */
export type ProgramMark = Readonly<Record<string, FunctionMark>>;

export class ProgramState {
  readonly home: Home;
  readonly runners: ReadonlyMap<string, FunctionRunner>;
  readonly survival: Survival<ProgramMark>;
  readonly #parts: ProgramParts;
  readonly #snapshots: Snapshots<ProgramMark>;
  readonly #journal = new Journal();
  readonly #structure: string;

  constructor(parts: ProgramParts) {
    const { device, weights, seed, failover, resume, functions } = parts;
    this.#parts = parts;
    this.#structure = structureOfProgram(parts);
    if (resume) checkFits(resume, parts, this.#structure);
    const start = new Map(
      weights.map(({ name }, index) => [name, parts.values[index] as Float32Array]),
    );
    const tensors = resume ? stateOf(resume.tensors) : start;
    const { patienceMs } = failover.options;
    const values = weights.map(({ name }) => tensors.get(name) as Float32Array);
    this.home = new Home({ device, local: undefined, weights, values, seed, patienceMs });
    if (resume) this.home.write(tensors);
    this.runners = new Map(
      functions.map((one) => [one.name, new FunctionRunner(one, parts, this.home.owner)]),
    );
    for (const [name, saved] of Object.entries(resume?.functions ?? {})) {
      this.runners.get(name)?.returnTo(markOf(saved));
    }
    // What functions without an optimizer, and NaN, mean is the caller's to say: any state is a state.
    this.#snapshots = new Snapshots({ tensors, mark: this.#mark() });
    this.survival = new Survival(
      this.home,
      this.#snapshots,
      this.#survivor(),
      new Failover(failover),
    );
  }

  /**
   * Does what changes the state, and goes on elsewhere if the device fails in it.
   * @param redo does it again, on copies of its own; as `task` unless given @param bytes of those
   */
  async changing<T>(
    task: () => Promise<T>,
    redo: () => Promise<unknown> = task,
    bytes = 0,
  ): Promise<T> {
    const found = await this.survival.surviving(task);
    if (this.#parts.failover.options.backends.length > 0) this.#journal.add(redo, bytes);
    if (!this.#snapshots.isDue(this.#journal.isFull)) return found;
    const { tensors, mark } = await this.#now();
    this.#journal.clear();
    this.#snapshots.reset({ tensors, mark });
    return found;
  }

  async checkpoint(): Promise<ProgramCheckpoint> {
    return this.#checkpointOf(await this.#now());
  }

  close(): void {
    this.home.close();
    this.survival.close();
  }

  #now(): Promise<Snapshot<ProgramMark>> {
    return this.survival.surviving(async () => {
      const mark = this.#mark();
      return { mark, tensors: await this.home.readState() };
    });
  }

  #mark(): ProgramMark {
    return Object.fromEntries([...this.runners].map(([name, runner]) => [name, runner.mark]));
  }

  #survivor() {
    return {
      mark: () => this.#mark(),
      returnTo: (mark: ProgramMark) => {
        for (const [name, one] of Object.entries(mark)) this.runners.get(name)?.returnTo(one);
      },
      replay: () => this.#journal.replay(),
      stepOf: stepsIn,
      localOf: async (_device: Device) => undefined,
      withCheckpoint: (error: HoneError, snapshot: Snapshot<ProgramMark>) =>
        withCheckpoint(error, stepsIn(snapshot.mark), () => this.#checkpointOf(snapshot)),
    };
  }

  #checkpointOf({ tensors, mark }: Snapshot<ProgramMark>): ProgramCheckpoint {
    const { weights, seed } = this.#parts;
    return {
      format: CHECKPOINT_FORMAT,
      kind: "program",
      structure: this.#structure,
      numerics: this.home.device.info.numerics,
      seed,
      labels: labelsOf(weights),
      functions: Object.fromEntries(Object.entries(mark).map(([name, one]) => [name, saved(one)])),
      tensors: savedTensors(tensors, weights),
    };
  }
}

/** Steps of all functions together. */
function stepsIn(mark: ProgramMark): number {
  return Object.values(mark).reduce((sum, { step }) => sum + step, 0);
}

function structureOfProgram({ functions, weights }: ProgramParts): string {
  const described = functions.map(({ name, kind, variables, optimizer }) => [
    name,
    kind,
    variables,
    optimizer,
  ]);
  const templates = functions.map(({ template }: ProgramFunction) => template);
  return textHash(JSON.stringify([described, structureOf(templates, weights, [])]));
}

function saved({ step, passes, pass }: FunctionMark): SavedFunction {
  if (pass === undefined) return { step, passes };
  const { on, batchSize, firstStep } = pass;
  const content = "columns" in on ? contentOf(on) : on.content;
  return { step, passes, pass: { rows: on.rows, content, batchSize, firstStep } };
}

function markOf({ step, passes, pass }: SavedFunction): FunctionMark {
  if (pass === undefined) return { step, passes, pass: undefined };
  const { rows, content, batchSize, firstStep } = pass;
  const steps = Math.ceil(rows / batchSize);
  return { step, passes, pass: { on: { rows, content }, batchSize, firstStep, steps } };
}

/** @throws BadArgument where the checkpoint is of another program */
function checkFits(resume: ProgramCheckpoint, { weights, seed }: ProgramParts, structure: string) {
  const refuse = (what: string) => {
    throw new HoneError("BadArgument", "resume", what);
  };
  checkTensors(resume.tensors, weights, "variable");
  if (resume.seed !== seed) {
    refuse(
      `the seed is ${seed}, and ${resume.seed} in the checkpoint. Leave it out, or give that one.`,
    );
  }
  if (resume.structure === structure) return;
  refuse(
    "functions, variables or optimizers are not those of the checkpoint. Give those it was made of.",
  );
}
