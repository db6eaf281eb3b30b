import type { Check } from "../check.js";
export const contractChecks: readonly Check[] = [];
