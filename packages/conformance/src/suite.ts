/** Which checks make the suite. */
import type { Check } from "./check.js";
import { contractChecks } from "./contract/index.js";
import { modelChecks } from "./models/model-checks.js";
import { opChecks } from "./op-checks.js";

export interface ConformanceOptions {
  /** Only checks whose name holds this text, or matches this expression. */
  readonly only?: string | RegExp;
  /** The long form: more steps, larger batches, more models. */
  readonly soak?: boolean;
  /**
   * Ops the backend need not have. What needs one is left out, once planning has refused it by that name;
   * an op that the device does list is checked like any other.
   */
  readonly mayLack?: readonly string[];
  /** How many random models to compare: 15 unless given, and 200 in the long form. */
  readonly randomModels?: number;
}

/** The suite's checks in order. */
export function conformanceChecks(options: ConformanceOptions = {}): Check[] {
  const { only, soak = false, randomModels } = options;
  const checks = [
    ...opChecks,
    ...contractChecks,
    ...modelChecks({ soak, ...(randomModels === undefined ? {} : { randomModels }) }),
  ];
  if (only === undefined) return checks;
  return checks.filter(({ name }) =>
    typeof only === "string" ? name.includes(only) : only.test(name),
  );
}
