/** What the contract of backend.ts promises beside right numbers. */
import type { Check } from "../check.js";
import { failureChecks } from "./failure-checks.js";
import { forgetChecks } from "./forget-checks.js";
import { memoryChecks } from "./memory-checks.js";
import { trainingChecks } from "./training-checks.js";

export const contractChecks: readonly Check[] = [
  ...memoryChecks,
  ...forgetChecks,
  ...failureChecks,
  ...trainingChecks,
];
