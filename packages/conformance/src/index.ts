/** The public names of @hone/conformance. */

export type { CaseInput, CaseNode, OpCase, Tolerance, Values } from "./cases/case.js";
export { opCases } from "./cases/index.js";
export { type Support, supportOf, testedOps } from "./op-checks.js";
export { type ConformanceResult, runConformance } from "./run-conformance.js";
export type { ConformanceOptions } from "./suite.js";
export { type TestBackendOptions, testBackend } from "./test-backend.js";
export { type CaseTime, timeCase } from "./time-case.js";
