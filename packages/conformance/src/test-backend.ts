/** The suite as tests of vitest, jest or node:test, whose `test` is passed in. */
import type { Backend } from "@hone/core/backend";
import { SuiteContext } from "./run-conformance.js";
import { type ConformanceOptions, conformanceChecks } from "./suite.js";

export interface TestBackendOptions extends ConformanceOptions {
  /** The runner's function that registers a test. */
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * Registers a test for every check, and a last one that closes the devices:
 * `testBackend(wasm(), { test })`.
 */
export function testBackend(backend: Backend, options: TestBackendOptions): void {
  const context = new SuiteContext(backend, options.soak ?? false);
  for (const check of conformanceChecks(options)) {
    options.test(`${backend.name}: ${check.name}`, async () => {
      await check.run(context);
    });
  }
  options.test(`${backend.name}: the devices the suite opened close`, () => context.close());
}
