/**
 * Who may import whom, as data. Imports go only down and never sideways.
 *
 * Both ladders run from the lowest rung to the highest. A unit may import itself and any unit on a
 * lower rung; two units on one rung know nothing of each other, except as `sideways` says. A package
 * or a part of core that stands on no rung is an error, so that a new one gets its place here first.
 *
 * `*.test.ts` and what lies in a `test` folder may import packages sideways too; up only as
 * `testUpward` says. Inside core they stand above all rungs: a test of the planner may well train.
 */

/** Folders of packages/, and benchmarks/ beside it. */
export const packageRungs = [
  ["core"],
  ["cpu", "wasm", "webgpu", "tfjs", "data", "report", "conformance", "bench"],
  ["hone"],
  ["cli", "web", "examples", "benchmarks"],
];

/** conformance compares every adapter with cpu, its reference. */
export const packageSideways = { conformance: ["cpu"] };

/**
 * A session needs some device to be tested on; cpu is the one that defines every op, and conformance
 * makes it wrong on purpose.
 */
export const testUpward = { core: ["cpu", "conformance"] };

/** Folders and single files (without .ts) of packages/core/src; `hosted.ts` belongs to hosted/. */
export const coreRungs = [
  ["visible-text"],
  ["errors", "typed-array", "value-text", "text-hash", "sha256", "disposable", "turns"],
  ["typed-errors", "options", "abort"],
  ["graph", "random"],
  ["pictures"],
  ["plan"],
  ["backend"],
  ["hosted", "adapter"],
  ["hosted-kit", "kernel-kit", "map-kit"],
  ["backend-kit"],
  ["run"],
  ["trace"],
  ["models", "io"],
  ["capture-options"],
  ["capture"],
  ["pick"],
  ["fastest", "failover-for"],
  ["compile-device"],
  ["open-model", "compile-saved", "choose-saved"],
  ["compile", "program"],
  ["index", "internals", "optimizers", "schedules", "runtime", "data-kit"],
];

/**
 * Where modules from outside of the project may be imported by code that is not a test. The first
 * row whose `module` and `files` both match decides; `allow` is "value", "type" (`import type`
 * only), "late" (not by a static import, so that a page can still load the file) or "never".
 */
export const outsideRules = [
  {
    module: /^@tensorflow\//,
    files: /^packages\/core\/src\/(trace|models)\//,
    allow: "value",
    why: "trace and models build on tfjs",
  },
  {
    module: /^@tensorflow\//,
    files: /^packages\/core\/src\/(capture|compile|io|index)\b/,
    allow: "type",
    why: "in core only trace and models may run tfjs code",
  },
  {
    module: /^@tensorflow\//,
    files: /^packages\/(core|cpu|wasm|webgpu|data|report|hone)\//,
    allow: "never",
    why: "in core only trace and models import tfjs, and no adapter does",
  },
  {
    module: /^@tensorflow\//,
    files: /^packages\/tfjs\//,
    allow: "late",
    why: "stock tfjs is big, and only who opens it should load it",
  },
  {
    module: /^node:/,
    files: /^packages\/core\/src\/hosted\//,
    allow: "late",
    why: "hosted workers start in Node and in pages",
  },
  {
    module: /^node:/,
    files: /^packages\/(core|cpu|report)\//,
    allow: "never",
    why: "core, cpu and report know neither Node nor the DOM",
  },
  {
    module: /^node:/,
    files: /^packages\/(wasm|webgpu|tfjs|data|conformance|bench|hone|web)\//,
    allow: "late",
    why: "this package is also loaded by pages: use process.getBuiltinModule or import()",
  },
];
