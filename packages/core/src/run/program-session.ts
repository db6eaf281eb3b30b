/** A program on a device: functions that are steps, over variables they share. */

import { checkAborted } from "../abort.js";
import type { Device, TypedArray } from "../backend.js";
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { WeightInfo } from "../graph/template.js";
import { valueText } from "../value-text.js";
import type { ProgramCheckpoint } from "./checkpoint.js";
import type { Dataset } from "./dataset.js";
import { checkIsDevice } from "./device-check.js";
import type { FunctionRows, FunctionRunner } from "./function-runner.js";
import {
  checkRunOptions,
  type ProgramParts,
  type RunOptions,
  type RunResult,
} from "./program-run.js";
import { ProgramState } from "./program-state.js";
import type { Moved } from "./records.js";
import type { RowsLike } from "./rows.js";

export class ProgramSession {
  readonly warnings: readonly string[];
  readonly #parts: ProgramParts;
  readonly #state: ProgramState;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ProgramParts) {
    this.#parts = parts;
    this.warnings = parts.warnings;
    this.#state = new ProgramState(parts);
  }

  /** Where it is now. */
  get device(): Device {
    return this.#state.home.device;
  }

  /** @throws as `run` of the public class */
  run(
    name: string,
    given: Readonly<Record<string, RowsLike>> | Dataset,
    options: RunOptions,
  ): Promise<RunResult> {
    const runner = this.#state.runners.get(name);
    if (!runner) {
      const names = [...this.#state.runners.keys()].join(", ");
      const what = `there is no function ${valueText(name)}. Run one of ${names}.`;
      throw new HoneError("BadArgument", "run", what);
    }
    checkRunOptions(name, options);
    if (typeof given !== "object" || given === null) {
      const what = `"${name}" is given ${valueText(given)}. Give rows by input, or a data set.`;
      throw new HoneError("BadArgument", "run", what);
    }
    return this.#inTurn(async () => {
      checkAborted(options.signal, `run "${name}"`);
      if (isDataset(given)) {
        return this.#changing(runner, options, (own) => runner.onData(given, own));
      }
      const rows = await runner.read(given, options.batch);
      const kept = this.#parts.failover.options.backends.length > 0 ? copied(rows) : rows;
      return this.#changing(
        runner,
        options,
        (own) => runner.onRows(rows, own),
        (own) => runner.onRows(kept, own),
        bytesOf(kept),
      );
    });
  }

  /** A run, which keeps the steps it has taken when it is ended: done again, it takes as many. */
  async #changing(
    runner: FunctionRunner,
    options: RunOptions,
    run: (options: RunOptions) => Promise<RunResult>,
    again = run,
    bytes = 0,
  ): Promise<RunResult> {
    const { signal, ...rest } = options;
    const { step: first } = runner.mark;
    let ended: unknown;
    let taken: number | undefined;
    const task = async () => {
      try {
        return await this.#run(runner, () => run(options));
      } catch (error) {
        if (!(error instanceof HoneError && error.kind === "Aborted")) throw error;
        ended = error;
        taken = runner.mark.step - first;
        return undefined;
      }
    };
    const redo = async () => {
      if (taken === 0) return;
      const own = taken === undefined ? rest : { ...rest, steps: taken };
      await this.#run(runner, () => again(own));
    };
    const found = await this.#state.changing(task, redo, bytes);
    if (found) return found;
    throw ended;
  }

  /** All that decides how it goes on, as plain data. */
  checkpoint(): Promise<ProgramCheckpoint> {
    return this.#inTurn(() => this.#state.checkpoint());
  }

  /** Goes on on another device after what was asked for until now. @throws BadArgument, DeviceLost */
  moveTo(device: Device): Promise<Moved> {
    checkIsDevice("moveTo", device);
    return this.#inTurn(() => this.#state.survival.moveTo(device, "asked for"));
  }

  /** Copies of all variables. */
  async variables(): Promise<
    { name: string; shape: readonly number[]; values: Float32Array; trainable: boolean }[]
  > {
    const values = await this.#readWeights();
    return this.#parts.weights.map(({ label, shape, trainable }, index) => ({
      name: label,
      shape,
      trainable,
      values: values[index] as Float32Array,
    }));
  }

  /** Gives variables the values of others, pair by pair. @throws BadArgument, ShapeMismatch */
  assign(to: unknown, from: unknown): Promise<void> {
    const [targets, sources] = [to, from].map((given) => this.#parts.placesOf(given, "every")) as [
      readonly number[],
      readonly number[],
    ];
    const info = (place: number) => this.#parts.weights[place] as WeightInfo;
    if (targets.length !== sources.length) {
      const what = `${targets.length} variables are to take the values of ${sources.length}. Give as many of each.`;
      throw new HoneError("ShapeMismatch", "assign", what);
    }
    for (const [index, target] of targets.entries()) {
      const [a, b] = [info(target), info(sources[index] as number)];
      if (`${a.shape}` === `${b.shape}`) continue;
      const what = `"${a.label}" is [${a.shape}], "${b.label}" is [${b.shape}]. Pair variables of one shape.`;
      throw new HoneError("ShapeMismatch", "assign", what);
    }
    return this.#changeWeights((values) => {
      for (const [index, target] of targets.entries()) {
        values[target] = values[sources[index] as number] as TypedArray;
      }
    });
  }

  /** Sets variables. @param given values for each of `to`, in order @throws BadArgument, ShapeMismatch */
  set(to: unknown, given: readonly ArrayLike<number>[]): Promise<void> {
    const targets = this.#parts.placesOf(to, "trainable");
    if (!Array.isArray(given)) {
      const what = "the values are no list. Give one array for each variable, in a list.";
      throw new HoneError("BadArgument", "setVariables", what);
    }
    if (targets.length !== given.length) {
      const what = `${given.length} arrays were given for ${targets.length} variables. Give one for each.`;
      throw new HoneError("ShapeMismatch", "setVariables", what);
    }
    for (const [index, target] of targets.entries()) {
      const { label, shape } = this.#parts.weights[target] as WeightInfo;
      const length = (given[index] as ArrayLike<number> | undefined | null)?.length;
      if (length === sizeOf(shape)) continue;
      const what = `"${label}" is [${shape}], ${length ?? "no"} values were given. Give ${sizeOf(shape)}.`;
      throw new HoneError("ShapeMismatch", "setVariables", what);
    }
    const copies = given.map((values) => Float32Array.from(values));
    return this.#changeWeights((values) => {
      for (const [index, target] of targets.entries()) {
        values[target] = copies[index] as Float32Array;
      }
    });
  }

  async writeBack(): Promise<void> {
    this.#parts.writeBack(await this.#readWeights());
  }

  release(dataset: Dataset): void {
    if (this.#state.home.forget(dataset)) return;
    const what = `data set "${dataset.name}" is in use. Wait for that to end.`;
    throw new HoneError("BadArgument", "release", what);
  }

  close(): void {
    this.#state.close();
  }

  #run(runner: FunctionRunner, task: () => Promise<RunResult>): Promise<RunResult> {
    const { owner } = this.#state.home;
    runner.beginAt(owner);
    return owner.during(task).finally(() => runner.letGo());
  }

  #readWeights(): Promise<Float32Array[]> {
    const { home, survival } = this.#state;
    return this.#inTurn(() => survival.surviving(() => home.owner.readWeights()));
  }

  #changeWeights(change: (values: TypedArray[]) => void): Promise<void> {
    return this.#inTurn(() =>
      this.#state.changing(async () => {
        const { owner } = this.#state.home;
        const values = await owner.readExactWeights();
        change(values);
        owner.writeWeights(values);
      }),
    );
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function copied({ rows, columns }: FunctionRows): FunctionRows {
  const own = Object.entries(columns).map(([name, column]) => {
    return [name, { ...column, data: column.data.slice() }] as const;
  });
  return { rows, columns: Object.fromEntries(own) };
}

function bytesOf({ columns }: FunctionRows): number {
  return Object.values(columns).reduce((sum, { data }) => sum + data.byteLength, 0);
}

const isDataset = (given: object): given is Dataset => "columns" in given && "rows" in given;
