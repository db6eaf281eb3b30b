/** A program on a device: functions that are steps, over variables they share. */
import type { Device, TypedArray } from "../backend.js";
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { WeightInfo } from "../graph/template.js";
import { valueText } from "../value-text.js";
import type { Dataset } from "./dataset.js";
import { Engine } from "./engine.js";
import { FunctionRunner } from "./function-runner.js";
import {
  checkRunOptions,
  type ProgramParts,
  type RunOptions,
  type RunResult,
} from "./program-run.js";
import type { RowsLike } from "./rows.js";

export class ProgramSession {
  readonly device: Device;
  readonly warnings: readonly string[];
  readonly #parts: ProgramParts;
  readonly #engine: Engine;
  readonly #runners = new Map<string, FunctionRunner>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ProgramParts) {
    this.#parts = parts;
    this.device = parts.device;
    this.warnings = parts.warnings;
    this.#engine = new Engine(parts.device, parts.weights, parts.values, parts.seed);
    for (const one of parts.functions) {
      this.#runners.set(one.name, new FunctionRunner(one, parts, this.#engine));
    }
  }

  /** @throws as `run` of the public class */
  run(
    name: string,
    given: Readonly<Record<string, RowsLike>> | Dataset,
    options: RunOptions,
  ): Promise<RunResult> {
    const runner = this.#runners.get(name);
    if (!runner) {
      const names = [...this.#runners.keys()].join(", ");
      const what = `there is no function ${valueText(name)}. Run one of ${names}.`;
      throw new HoneError("BadArgument", "run", what);
    }
    checkRunOptions(name, options);
    if (typeof given !== "object" || given === null) {
      const what = `"${name}" is given ${valueText(given)}. Give rows by input, or a data set.`;
      throw new HoneError("BadArgument", "run", what);
    }
    return this.#inTurn(() => {
      const run = isDataset(given) ? runner.onData(given, options) : runner.onRows(given, options);
      return run.finally(() => runner.letGo());
    });
  }

  /** Copies of all variables. */
  async variables(): Promise<
    { name: string; shape: readonly number[]; values: Float32Array; trainable: boolean }[]
  > {
    const values = await this.#inTurn(() => this.#engine.readWeights());
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
    return this.#inTurn(async () => {
      const values = await this.#engine.readExactWeights();
      for (const [index, target] of targets.entries()) {
        values[target] = values[sources[index] as number] as TypedArray;
      }
      this.#engine.writeWeights(values);
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
    return this.#inTurn(async () => {
      const values = await this.#engine.readExactWeights();
      for (const [index, target] of targets.entries()) {
        values[target] = Float32Array.from(given[index] as ArrayLike<number>);
      }
      this.#engine.writeWeights(values);
    });
  }

  async writeBack(): Promise<void> {
    this.#parts.writeBack(await this.#inTurn(() => this.#engine.readWeights()));
  }

  release(dataset: Dataset): void {
    if (this.#engine.forget(dataset)) return;
    const what = `data set "${dataset.name}" is in use. Wait for that to end.`;
    throw new HoneError("BadArgument", "release", what);
  }

  close(): void {
    this.#engine.close();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const isDataset = (given: object): given is Dataset => "columns" in given && "rows" in given;
