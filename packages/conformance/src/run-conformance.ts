/** The suite without a test runner. */
import type { Backend, Device } from "@hone/core/backend";
import { cpu } from "@hone/cpu";
import type { Check, CheckContext } from "./check.js";
import { type ConformanceOptions, conformanceChecks } from "./suite.js";

export interface ConformanceResult {
  readonly name: string;
  readonly ok: boolean;
  /** True where the check does not apply: the device lacks ops that it may lack, and says so. */
  readonly leftOut: boolean;
  /** What is wrong, or worth a line. */
  readonly message: string | undefined;
  readonly milliseconds: number;
}

/** Keeps the two devices that the checks share. */
export class SuiteContext implements CheckContext {
  readonly backend: Backend;
  readonly soak: boolean;
  readonly mayLack: readonly string[];
  #device: Promise<Device> | undefined;
  #reference: Promise<Device> | undefined;

  constructor(backend: Backend, { soak = false, mayLack = [] }: ConformanceOptions) {
    this.backend = backend;
    this.soak = soak;
    this.mayLack = mayLack;
  }

  device(): Promise<Device> {
    this.#device ??= this.backend.open();
    return this.#device;
  }

  reference(): Promise<Device> {
    this.#reference ??= cpu({ precision: 64, worker: false }).open();
    return this.#reference;
  }

  async close(): Promise<void> {
    const opened = [this.#device, this.#reference];
    this.#device = undefined;
    this.#reference = undefined;
    for (const device of opened) await (await device)?.close();
  }
}

/**
 * Runs the checks one after another and yields each result as it comes.
 * @throws nothing: what a check throws becomes its message
 */
export async function* runConformance(
  backend: Backend,
  options: ConformanceOptions = {},
): AsyncGenerator<ConformanceResult> {
  const context = new SuiteContext(backend, options);
  try {
    for (const check of conformanceChecks(options)) yield await runCheck(check, context);
  } finally {
    await context.close();
  }
}

async function runCheck(check: Check, context: CheckContext): Promise<ConformanceResult> {
  const start = performance.now();
  const result = async () => {
    try {
      const found = await check.run(context);
      return typeof found === "object"
        ? { ok: true, leftOut: true, message: found.leftOut }
        : { ok: true, leftOut: false, message: found };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, leftOut: false, message };
    }
  };
  const outcome = await result();
  return { name: check.name, ...outcome, milliseconds: performance.now() - start };
}
