/**
 * What each call of a step takes on a device, at the shapes it has there: for tuning kernels.
 *
 * A session runs whole steps. Here the device runs the same entry call by call. A training step really trains,
 * so that what a call computes on (sparsity, winners of a pool) is what it would meet in a session.
 */
import type { Device, Executable } from "../backend.js";
import { HoneError } from "../errors.js";
import type { Graph, Shape } from "../graph/types.js";
import type { Call } from "../plan/program.js";
import {
  type StandaloneParts,
  type StandaloneSteps,
  standaloneGraph,
  standalonePrediction,
  standaloneTraining,
} from "./standalone.js";

/** One call of the entry, as planned for the device. */
export interface ProfiledCall {
  readonly op: string;
  /** The layer it belongs to, where it belongs to one. */
  readonly layer: string | undefined;
  readonly output: Shape;
  /** By the op table: of the full dense formulation, whatever the kernel leaves out. */
  readonly flops: number;
}

/** What one call took, per step. */
export interface CallTime {
  readonly microseconds: number;
  /** The adapter's kernels, in order; their times add up to the call's. */
  readonly kernels: readonly { readonly kernel: string; readonly microseconds: number }[];
}

export type ProfileParts = StandaloneParts;

/** An entry on a device that tells what each of its calls takes. */
export class Profiler {
  readonly calls: readonly ProfiledCall[];
  /** As many steps as one profile may have. */
  readonly mostSteps: number;
  readonly #steps: StandaloneSteps;

  constructor(steps: StandaloneSteps) {
    this.#steps = steps;
    this.calls = steps.entry.calls.map(profiledCall);
    this.mostSteps = steps.mostSteps;
  }

  /**
   * Runs the next `steps` steps call by call, and tells what each call took.
   * @returns one for each of `calls`
   * @throws BadArgument for more than `mostSteps`; BackendUnavailable when the device cannot tell
   */
  async profile(steps: number): Promise<readonly CallTime[]> {
    const { executable, entry } = this.#steps;
    const times = await profileOf(executable)(entry.name, this.#steps.next(steps));
    return this.calls.map((_, index) => {
      const kernels = times
        .filter(({ call }) => call === index)
        .map(({ kernel, microseconds }) => ({ kernel, microseconds: microseconds / steps }));
      return { kernels, microseconds: kernels.reduce((sum, one) => sum + one.microseconds, 0) };
    });
  }

  /** As `StandaloneSteps.run`. */
  run(steps: number): Promise<number> {
    return this.#steps.run(steps);
  }

  /** Frees what it holds on the device; the device stays open. */
  dispose(): void {
    this.#steps.dispose();
  }
}

/**
 * The step that `session.fit` runs, on shuffled rows of the data set.
 * @throws BadArgument, BadData, ShapeMismatch; BackendUnavailable when the device cannot profile
 */
export async function profileTraining(parts: ProfileParts): Promise<Profiler> {
  return profiler(await standaloneTraining(parts), parts.device);
}

/**
 * The step that `session.predict` runs, on the first rows of the data set.
 * @throws BadArgument, ShapeMismatch; BackendUnavailable when the device cannot profile
 */
export async function profilePrediction(parts: ProfileParts): Promise<Profiler> {
  return profiler(await standalonePrediction(parts), parts.device);
}

/** Any graph that needs nothing from the host but its constants. @throws as `profilePrediction` */
export async function profileGraph(device: Device, name: string, graph: Graph): Promise<Profiler> {
  return profiler(await standaloneGraph(device, name, graph), device);
}

function profiler(steps: StandaloneSteps, device: Device): Profiler {
  try {
    profileOf(steps.executable, device);
    return new Profiler(steps);
  } catch (error) {
    steps.dispose();
    throw error;
  }
}

/** @throws BackendUnavailable when the device cannot profile */
function profileOf(executable: Executable, device?: Device): NonNullable<Executable["profile"]> {
  if (executable.profile) return executable.profile.bind(executable);
  const what = "it cannot tell what its kernels take. Choose another backend, such as wasm or cpu.";
  throw new HoneError("BackendUnavailable", device?.info.backend ?? "profile", what);
}

function profiledCall({ op, outputs, flops = 0, label }: Call): ProfiledCall {
  return { op, layer: label, output: outputs[0]?.shape ?? [], flops };
}
