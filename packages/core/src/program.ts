/// <reference lib="esnext.disposable" preserve="true" />
/** The general way in: tfjs functions over tensors and variables become steps on a device. */
import type { Backend, Device } from "./backend.js";
import { disposable } from "./disposable.js";
import { HoneError } from "./errors.js";
import { FAILOVER_OPTION, failoverFor } from "./failover-for.js";
import type { Optimizer } from "./graph/optimizer.js";
import type { PortInfo, WeightInfo } from "./graph/template.js";
import type { Checkpoint, ProgramCheckpoint } from "./run/checkpoint.js";
import { checkedCheckpoint } from "./run/checkpoint-checks.js";
import type { Dataset } from "./run/dataset.js";
import type { FailoverOptions } from "./run/failover.js";
import { checkOptions, isAnything, isFunction, isObject } from "./run/options.js";
import type {
  ComputeResult,
  GradientsResult,
  LossResult,
  ProgramFunction,
  RunOptions,
} from "./run/program-run.js";
import { ProgramSession } from "./run/program-session.js";
import type { Moved } from "./run/records.js";
import type { RowsLike } from "./run/rows.js";
import { checkedSeed } from "./run/whole-number.js";
import { partsOf } from "./trace/late-parts.js";
import { withParts } from "./trace/on-demand.js";
import { type OptimizerLike, optimizerOf } from "./trace/optimizer-of.js";
import { modelOf, readVariables, variablesIn, writeVariables } from "./trace/program-variables.js";
import {
  type FunctionRequest,
  type ProgramCall,
  tracingProgram,
  type VariableLike,
} from "./trace/trace-program.js";
import { inPieces } from "./turns.js";

/** Variables: tf.Variables, weights of layers, layers or models (their trainable weights), or a list of any. */
export type Variables = unknown;

/**
 * Learns: the loss it gives is made smaller by moving its variables. Two functions that minimise move the same variables,
 * in one order, or none in common.
 */
export interface Minimize {
  /**
   * Called with tensors [batch, …row] by input, and `{ batch }`. Gives the loss of these rows: one tensor, of which the
   * mean is taken. In TypeScript say what it reads: `({ x }: { x: Tensor }) => …`.
   */
  readonly minimize: ProgramCall;
  readonly variables: Variables;
  /** One of Hone's, one of tf.train's, or tfjs's name of one. */
  readonly optimizer: Optimizer | OptimizerLike | string;
}
/** Gives a loss and its gradients, and moves nothing. */
export interface Gradients {
  /** Gives a loss, as `minimize` does. */
  readonly gradients: ProgramCall;
  /** What the gradients are of; they may belong to other functions as well. */
  readonly variables: Variables;
}
/** Gives tensors: one, or several in an object or a list. */
export interface Compute {
  /** Called as `minimize` is. */
  readonly compute: ProgramCall;
}
/** One function of a program: exactly one of the three. */
export type FunctionSpec = Minimize | Gradients | Compute;

/** What `program` is made of. */
export interface ProgramOptions<Functions extends Readonly<Record<string, FunctionSpec>>> {
  readonly device: Device;
  /** Decides order and random numbers: an unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
  /**
   * Shape of one row of each input, float32 unless said; the batch is the first axis of what functions are given. None
   * where functions read nothing but variables and random numbers.
   */
  readonly inputs?: Readonly<
    Record<
      string,
      | readonly number[]
      | { readonly shape: readonly number[]; readonly dtype?: "float32" | "int32" }
    >
  >;
  /** By the names that `run` knows them by. */
  readonly functions: Functions;
  /** As in `compile`: what to go on with when the device fails. */
  readonly failover?: readonly Backend[] | FailoverOptions | false;
  /** A checkpoint of a program of the same functions, to go on from; its seed unless one is given. */
  readonly resume?: Checkpoint;
}

type ResultOf<F> = F extends Minimize
  ? LossResult
  : F extends Gradients
    ? GradientsResult
    : ComputeResult;

/** What `program` gives: functions over variables that live on the device. Calls take effect in the order they are made. */
export interface Program<Functions extends Readonly<Record<string, FunctionSpec>>>
  extends AsyncDisposable {
  /** Where it is now. */
  readonly device: Device;
  /** What the user should know of what was traced. */
  readonly warnings: readonly string[];
  /**
   * Takes one step of a function, or several, on rows that stay the same, or on those of a data set in turn.
   * @param given rows [rows, …row] for each input the function reads, or a data set with columns of those names; a data
   *   set is gone through in passes, and a later call goes on where the one before ended. Not for `compute`
   * @returns the loss of the last step and the losses of all, each before its step; gradients, or results [rows, …].
   *   A loss that is no finite number is told like any other, where `fit` throws Diverged
   * @throws BadArgument, BadData, ShapeMismatch, LacksOp, OutOfMemory, DeviceLost; Aborted when its signal is set: then it
   *   has taken some of the steps, or none
   */
  run<Name extends keyof Functions & string>(
    name: Name,
    given?: Readonly<Record<string, RowsLike>> | Dataset,
    options?: RunOptions,
  ): Promise<ResultOf<Functions[Name]>>;
  /** Copies of all variables the functions read, float32, those first that were named. */
  variables(): ReturnType<ProgramSession["variables"]>;
  /**
   * Gives variables the values of others, pair by pair: a target network those of the online one, all weights of it,
   * frozen or not. @throws BadArgument, ShapeMismatch
   */
  assign(to: Variables, from: Variables): Promise<void>;
  /** Sets variables: one array for each, in order. @throws BadArgument, ShapeMismatch */
  setVariables(to: Variables, values: readonly ArrayLike<number>[]): Promise<void>;
  /** Gives the tf.Variables the values they have on the device; until then they keep those they were traced with. */
  writeBack(): Promise<void>;
  /**
   * All that decides how it goes on, as plain data: variables, the optimizers' slots, and how far each function has come.
   * @throws DeviceLost
   */
  checkpoint(): Promise<ProgramCheckpoint>;
  /** Goes on on another device, which it tells of; the one before stays open. @throws BadArgument, DeviceLost */
  moveTo(device: Device): Promise<Moved>;
  /** Takes a data set off the device. @throws BadArgument while it is in use */
  release(dataset: Dataset): void;
  /** Frees what the program holds on the device, which stays open unless the program has opened it. */
  close(): void;
}

const PROGRAM_OPTIONS = {
  device: { is: isObject, wanted: "what `fastest`, `pickFastest` or a backend's `open` gives" },
  seed: { is: isAnything, wanted: "a whole number" },
  inputs: { is: isObject, wanted: "shapes of one row, by name" },
  functions: { is: isObject, wanted: "functions by name" },
  failover: FAILOVER_OPTION,
  resume: { is: isObject, wanted: "a checkpoint" },
} as const;
const FUNCTION_OPTIONS = {
  minimize: { is: isFunction, wanted: "a function that gives a loss" },
  gradients: { is: isFunction, wanted: "a function that gives a loss" },
  compute: { is: isFunction, wanted: "a function that gives tensors" },
  variables: { is: isObject, wanted: "tf.Variables, layers or models" },
  optimizer: { is: isAnything, wanted: "an optimizer, as adam(1e-3)" },
} as const;

/**
 * Traces functions and makes them ready to run. Nothing runs yet; the variables themselves change by `writeBack` alone.
 * Every tf.Variable that a function reads becomes a parameter all functions share; any other tensor made outside is refused.
 * `randomNormal` and `randomUniform` of @hone/core are drawn on the device, anew in each step.
 * @throws UnsupportedModel naming the function and what to do; BadArgument
 */
export async function program<const Functions extends Readonly<Record<string, FunctionSpec>>>(
  options: ProgramOptions<Functions>,
): Promise<Program<Functions>> {
  checkOptions("program", options, PROGRAM_OPTIONS);
  const { device } = options ?? {};
  if (typeof device?.load !== "function") {
    const what =
      "there is no device. Give `device`: what `fastest`, `pickFastest` or a backend's `open` gives.";
    throw new HoneError("BadArgument", "program", what);
  }
  const resume = options.resume && checkedCheckpoint(options.resume, "program");
  const seed = checkedSeed(options.seed ?? resume?.seed ?? 0);
  const inputs = inputsOf(options.inputs ?? {});
  const specs = Object.entries(options.functions ?? {}).map(specOf);
  if (specs.length === 0) {
    const what = "there are no functions. Give { name: { minimize | gradients | compute } }.";
    throw new HoneError("BadArgument", "program", what);
  }
  const groups = groupsOf(specs);
  const blocks = new Map<VariableLike, string>();
  for (const { block, variables } of groups) {
    for (const variable of variables) blocks.set(variable, `parameters.${block}`);
  }
  const model = specs.map((spec) => spec.model).find((given) => given !== undefined);
  const request = {
    inputs,
    functions: specs.map((spec) => spec.request),
    variables: [...new Set([...blocks.keys(), ...specs.flatMap((spec) => spec.variables)])],
    blockOf: (variable: VariableLike) => blocks.get(variable),
    model,
  };
  const { functions, variables, warnings } = await withParts(model ? partsOf(model) : 0, () =>
    inPieces(tracingProgram(request)),
  );
  for (const { variable, role } of variables) {
    if (role === "parameter" || !blocks.has(variable)) continue;
    const what = `"${variable.name}" is moved by its layer while it trains, so that no optimizer can. Give the model itself as \`variables\`, or leave that one out.`;
    throw new HoneError("BadArgument", "program", what);
  }
  const places = new Map(variables.map(({ variable }, place) => [variable, place]));
  const placesOf = (given: unknown, which: "trainable" | "every") =>
    variablesIn("program", given, which).map((variable) => {
      const place = places.get(variable);
      if (place !== undefined) return place;
      const what = `no function reads the variable "${variable.name}". Give variables of the program.`;
      throw new HoneError("BadArgument", "program", what);
    });
  const session = new ProgramSession({
    device,
    failover: await failoverFor(device, options.failover),
    resume,
    seed,
    inputs,
    functions: specs.map(
      (spec): ProgramFunction => ({
        name: spec.request.name,
        kind: spec.kind,
        template: functions.get(spec.request.name) as ProgramFunction["template"],
        variables: spec.variables.map((variable) => places.get(variable) as number),
        optimizer: spec.optimizer,
      }),
    ),
    weights: variables.map(
      ({ name, variable, role }): WeightInfo => ({
        name,
        label: variable.name,
        shape: [...variable.shape],
        role,
        trainable: blocks.has(variable),
      }),
    ),
    values: readVariables(variables.map(({ variable }) => variable)),
    warnings,
    writeBack: (values) =>
      writeVariables(
        variables.map(({ variable }) => variable),
        values,
      ),
    placesOf,
  });
  return facade(session);
}

function facade<Functions extends Readonly<Record<string, FunctionSpec>>>(
  session: ProgramSession,
): Program<Functions> {
  const made: Omit<Program<Functions>, typeof Symbol.asyncDispose> = {
    get device() {
      return session.device;
    },
    warnings: session.warnings,
    run: async (name, given = {}, options = {}) =>
      (await session.run(name, given, options)) as never,
    variables: () => session.variables(),
    assign: async (to, from) => session.assign(to, from),
    setVariables: async (to, values) => session.set(to, values),
    writeBack: () => session.writeBack(),
    checkpoint: () => session.checkpoint(),
    moveTo: async (device) => session.moveTo(device),
    release: (dataset) => session.release(dataset),
    close: () => session.close(),
  };
  return disposable(made);
}

interface Spec {
  readonly request: FunctionRequest;
  readonly kind: ProgramFunction["kind"];
  readonly variables: readonly VariableLike[];
  /** A model or layer among its variables. */
  readonly model: ReturnType<typeof modelOf>;
  readonly optimizer: Optimizer | undefined;
}

function specOf([name, given]: readonly [string, FunctionSpec]): Spec {
  const where = `function "${name}"`;
  checkOptions(where, given ?? {}, FUNCTION_OPTIONS);
  const { minimize, gradients, compute, variables, optimizer } = (given ?? {}) as Partial<
    Minimize & Gradients & Compute
  >;
  const calls = Object.entries({ minimize, gradients, compute }).filter(([, call]) => call);
  const [first, ...more] = calls as [[ProgramFunction["kind"], ProgramCall]];
  if (!first || more.length > 0) {
    const what = "it must have one of `minimize`, `gradients` and `compute`. Give one.";
    throw new HoneError("BadArgument", where, what);
  }
  const [kind, call] = first;
  if (kind !== "compute" && variables === undefined) {
    const what = `its loss belongs to no variables. Give \`variables\`: tf.Variables, layers or models.`;
    throw new HoneError("BadArgument", where, what);
  }
  if ((kind === "minimize") !== (optimizer !== undefined)) {
    const what =
      kind === "minimize"
        ? "there is no optimizer. Give one, as adam(1e-3)."
        : "only `minimize` takes an optimizer. Leave it out.";
    throw new HoneError("BadArgument", where, what);
  }
  return {
    request: { name, call, gives: kind === "compute" ? "results" : "loss" },
    kind,
    variables: variables === undefined ? [] : variablesIn(where, variables),
    model: modelOf(variables),
    optimizer: optimizer === undefined ? undefined : optimizerOf(optimizer, where),
  };
}

/** Variables that optimizers move, in groups that lie side by side. @throws BadArgument where two groups overlap */
function groupsOf(
  specs: readonly Spec[],
): readonly { readonly block: string; readonly variables: readonly VariableLike[] }[] {
  const groups: { block: string; variables: readonly VariableLike[] }[] = [];
  for (const { kind, request, variables } of specs) {
    if (kind !== "minimize") continue;
    const same = groups.find(
      (group) =>
        group.variables.length === variables.length &&
        group.variables.every((variable, index) => variable === variables[index]),
    );
    if (same) continue;
    const other = groups.find((group) =>
      group.variables.some((variable) => variables.includes(variable)),
    );
    if (other) {
      const shared = other.variables.find((variable) => variables.includes(variable));
      const what = `"${other.block}" and "${request.name}" both move "${shared?.name}", and other variables beside it. Give two functions the same variables, in one order, or none in common.`;
      throw new HoneError("BadArgument", "program", what);
    }
    groups.push({ block: request.name, variables });
  }
  return groups;
}

function inputsOf(
  given: NonNullable<ProgramOptions<Record<string, FunctionSpec>>["inputs"]>,
): readonly PortInfo[] {
  return Object.entries(given).map(([name, one]) => {
    const isShape = Array.isArray(one);
    const { shape, dtype = "float32" } = (isShape ? { shape: one } : (one ?? {})) as {
      shape: readonly number[];
      dtype?: "float32" | "int32";
    };
    const fits =
      Array.isArray(shape) && shape.every((extent) => Number.isInteger(extent) && extent > 0);
    if (!fits || (dtype !== "float32" && dtype !== "int32")) {
      const what = `input "${name}" has shape ${JSON.stringify(shape) ?? "undefined"} and dtype ${String(dtype)}. Give the extents of one row, and float32 or int32.`;
      throw new HoneError("BadArgument", "program", what);
    }
    return { name, shape, dtype };
  });
}
