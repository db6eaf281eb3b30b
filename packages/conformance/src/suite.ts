/** Which checks make the suite. */
import type { Check } from "./check.js";
import { contractChecks } from "./contract/index.js";
import { opChecks } from "./op-checks.js";

export interface ConformanceOptions {
  /** Only checks whose name holds this text, or matches this expression. */
  readonly only?: string | RegExp;
  /** The long form: more steps, larger batches, more models. */
  readonly soak?: boolean;
  /** Ops the backend need not have. */
  readonly mayLack?: readonly string[];
}

/** The suite's checks in order. */
export function conformanceChecks(options: ConformanceOptions = {}): Check[] {
  const { only, mayLack } = options;
  const checks = [...opChecks(mayLack), ...contractChecks];
  if (only === undefined) return checks;
  return checks.filter(({ name }) =>
    typeof only === "string" ? name.includes(only) : only.test(name),
  );
}
