/** Reads the imports of TypeScript files and judges them by import-rules.mjs. */
import path from "node:path";
import { parseSync } from "vite";
import {
  coreRungs,
  outsideRules,
  packageRungs,
  packageSideways,
  testUpward,
} from "./import-rules.mjs";

/**
 * Every import of a source text: static, type-only, `export ... from`, `import()`, `import("x").T`,
 * `require` and `process.getBuiltinModule`.
 *
 * @returns {{ specifier: string, kind: "value" | "type" | "late", line: number }[]}
 * @throws when the text does not parse.
 */
export function readImports(file, text) {
  const { program, errors } = parseSync(file, text, { lang: "ts", sourceType: "module" });
  if (errors.length > 0)
    throw new Error(`[hone] check: ${file} does not parse: ${errors[0].message}`);
  const found = [];
  const add = (node, source, kind) => {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    const line = text.slice(0, node.start).split("\n").length;
    found.push({ specifier: source.value, kind, line });
  };
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (node === null || typeof node !== "object") return undefined;
    const rule = importNodes[node.type];
    if (rule !== undefined) rule(node, add);
    return Object.values(node).forEach(visit);
  };
  visit(program);
  return found;
}

const typeOnly = (node, kindName) =>
  node[kindName] === "type" ||
  (node.specifiers?.length > 0 && node.specifiers.every((one) => one[kindName] === "type"));

const importNodes = {
  ImportDeclaration: (node, add) =>
    add(node, node.source, typeOnly(node, "importKind") ? "type" : "value"),
  ExportNamedDeclaration: (node, add) =>
    add(node, node.source, typeOnly(node, "exportKind") ? "type" : "value"),
  ExportAllDeclaration: (node, add) =>
    add(node, node.source, node.exportKind === "type" ? "type" : "value"),
  ImportExpression: (node, add) => add(node, node.source, "late"),
  TSImportType: (node, add) => add(node, node.source, "type"),
  TSExternalModuleReference: (node, add) => add(node, node.expression, "value"),
  CallExpression: (node, add) => {
    const name = node.callee.property?.name ?? node.callee.name;
    if (name === "require" || name === "getBuiltinModule") add(node, node.arguments[0], "late");
  },
};

const rungOf = (rungs, unit) => rungs.findIndex((rung) => rung.includes(unit));

/** True for a test and for a test's helper, which have more freedom. */
export const isTest = (file) => /\.test\.ts$|\/test\//.test(file);

/** The package ("core", "cli", "benchmarks") that a path from the repository's root belongs to. */
const packageOf = (file) => /^(?:packages\/)?([^/]+)\//.exec(file)?.[1];

/** The folder or file under packages/core/src that a path belongs to. */
const coreUnitOf = (file) =>
  /^packages\/core\/src\/([^/]+?)(?:(?:\.[a-z]+)*\.ts(?:\?.*)?)?(?:\/|$)/.exec(file)?.[1];

/** Why `from` may not import `to` on this ladder, or undefined. */
function judgeRungs(rungs, from, to, { test = false, sideways = {}, ladder }) {
  if (from === to) return undefined;
  const [low, high] = [rungOf(rungs, to), rungOf(rungs, from)];
  for (const [unit, rung] of [
    [from, high],
    [to, low],
  ]) {
    if (rung < 0) return `${unit} has no rung. Give it one in scripts/import-rules.mjs`;
  }
  if (low < high) return undefined;
  if (low > high) return `upward: ${ladder} imports go only down, and ${to} lies above ${from}`;
  if (test || sideways[from]?.includes(to)) return undefined;
  return `sideways: ${ladder} imports go only down, and ${to} lies beside ${from}`;
}

function judgeOutside(file, { specifier, kind }) {
  const rule = outsideRules.find((row) => row.module.test(specifier) && row.files.test(file));
  if (rule === undefined || rule.allow === "value" || rule.allow === kind) return undefined;
  if (rule.allow === "late" && kind === "type") return undefined;
  return `outside: ${rule.why}`;
}

function judgeRelative(file, specifier, test) {
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (!/\.(js|wgsl|json|svelte|ts\?worker-text)$/.test(specifier)) {
    return "extension: a relative import ends in .js";
  }
  const owner = packageOf(file);
  if (packageOf(target) !== owner) {
    return "package: a relative import stays in its package; import @hone/<name> instead";
  }
  if (test) return undefined;
  if (isTest(target)) return "test: only tests import what lies in a test folder";
  // A package's own manifest lies below everything: it holds the version, and no code.
  if (owner !== "core" || target === "packages/core/package.json") return undefined;
  const source = target.replace(/\.js$/, ".ts");
  const ladder = "packages/core/src";
  return judgeRungs(coreRungs, coreUnitOf(file), coreUnitOf(source), { ladder });
}

/** Why the import is not allowed, or undefined. `file` is a path from the root with forward slashes. */
export function judgeImport(file, found) {
  const { specifier } = found;
  const test = isTest(file);
  if (specifier.startsWith(".")) return judgeRelative(file, specifier, test);
  const owner = packageOf(file);
  const workspace = /^@hone\/([^/]+)/.exec(specifier)?.[1];
  if (workspace !== undefined) {
    if (workspace === owner) return "package: inside a package imports are relative";
    if (test && testUpward[owner]?.includes(workspace)) return undefined;
    const sideways = packageSideways;
    return judgeRungs(packageRungs, owner, workspace, { test, sideways, ladder: "package" });
  }
  return test ? undefined : judgeOutside(file, found);
}

/** All faults of one file, each a line `file:line imports "x": rule`. */
export function checkImports(file, text) {
  return readImports(file, text).flatMap((found) => {
    const fault = judgeImport(file, found);
    return fault === undefined
      ? []
      : [`${file}:${found.line} imports "${found.specifier}": ${fault}.`];
  });
}
