/** The suite as tests of vitest, jest or node:test, whose `test` is passed in. */
import type { Backend } from "@hone/core/backend";
import { SuiteContext } from "./run-conformance.js";
import { type ConformanceOptions, conformanceChecks } from "./suite.js";

export interface TestBackendOptions extends ConformanceOptions {
  /** The runner's function that registers a test. */
  readonly test: (name: string, body: (running?: RunningTest) => Promise<void>) => unknown;
}

/** What vitest and node:test hand to a test's body; jest hands nothing. */
interface RunningTest {
  readonly skip?: (reason: string) => void;
}

/**
 * Registers a test for every check, and a last one that closes the devices:
 * `testBackend(wasm(), { test })`.
 */
export function testBackend(backend: Backend, options: TestBackendOptions): void {
  const context = new SuiteContext(backend, options);
  for (const check of conformanceChecks(options)) {
    options.test(`${backend.name}: ${check.name}`, async (running) => {
      const found = await check.run(context);
      if (typeof found === "object") running?.skip?.(found.leftOut);
    });
  }
  options.test(`${backend.name}: the devices the suite opened close`, () => context.close());
}
