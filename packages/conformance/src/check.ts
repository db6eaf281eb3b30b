/** One thing a backend must do, and what a check has at hand. */
import type { Backend, Device } from "@hone/core/backend";

export interface CheckContext {
  readonly backend: Backend;
  /** A device of the backend that all checks share; one that closes a device opens its own. */
  device(): Promise<Device>;
  /** The 64-bit reference. */
  reference(): Promise<Device>;
  /** True for the long form: more steps, larger batches, more models. */
  readonly soak: boolean;
  /** Ops the backend need not have. */
  readonly mayLack: readonly string[];
}

/** A check that does not apply, since the device lacks ops that it may lack. */
export interface LeftOut {
  /** Which ops, and what it does instead. */
  readonly leftOut: string;
}

export interface Check {
  /** A sentence about behaviour. */
  readonly name: string;
  /** Returns what may be worth a line. @throws what is wrong */
  run(context: CheckContext): Promise<string | LeftOut | undefined>;
}

/** Throws unless `condition` holds. */
export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Throws one error that lists every fault. */
export function expectNoFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const shown = faults.slice(0, 12);
  const rest = faults.length - shown.length;
  throw new Error([...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n"));
}
