/** What plain JavaScript can call, and with what. */

// biome-ignore lint/suspicious/noExplicitAny: plain JavaScript knows no types.
export type Loose = any;

/** What somebody may give in place of what was meant. */
export const STRANGE: readonly (readonly [name: string, value: Loose])[] = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 5],
  ["NaN", Number.NaN],
  ["a text", "x"],
  ["an object", { foo: 1 }],
  ["a list of null", [null]],
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
];

/** One place in one public call that a strange value is put into. */
export interface Call {
  /** As somebody would write it: `fit(it)`. */
  readonly name: string;
  readonly call: (given: Loose) => unknown;
  /** Strange values that are right there, by name; what may be left out may be undefined everywhere. */
  readonly fine: readonly string[] | "all";
}

const anyNumber = ["a number"];

/** What is right where it stands. */
const right: Readonly<Record<string, readonly string[]>> = {
  "columnOf(data, it)": ["a text"],
  "permutation(it)": anyNumber,
  "permutation(4, it)": anyNumber,
  "wholeLoss(it)": ["a function"],
  "cnn({ filters: it })": anyNumber,
  "mlp({ seed: it })": anyNumber,
  "mlp({ classes: it })": anyNumber,
  // As in tfjs, null stands for nothing here.
  "compile(model, { metrics: it })": ["null"],
  "compile(model, { seed: it })": ["null", ...anyNumber],
  "pickFastest(backends, { batchSize: it })": anyNumber,
  "fastest(backends, { batchSize: it })": anyNumber,
  "pickFastest(backends, { steps: it })": anyNumber,
  "fastest(backends, { steps: it })": anyNumber,
  "pickFastest(backends, { budgetMs: it })": anyNumber,
  "fastest(backends, { budgetMs: it })": anyNumber,
  "pickFastest(backends, { onProgress: it })": ["a function"],
  "fastest(backends, { onProgress: it })": ["a function"],
  "program({ seed: it })": ["null", ...anyNumber],
  "fit(data, { accumulate: it })": anyNumber,
  "fit(data, { progressMs: it })": anyNumber,
  "fit(data, { learningRate: it })": ["a function", ...anyNumber],
  "fit(data, { batchesPerEpoch: it })": anyNumber,
  "compile(model, { failover: { patienceMs: it } })": anyNumber,
  "fit(data, { epochs: it })": anyNumber,
  "fit(data, { batchSize: it })": anyNumber,
  "fit(data, { onRecord: it })": ["a function"],
  // Weights by class, of outputs that have none.
  "fit(data, { classWeight: it })": ["a list of null"],
  "evaluate(data, { batchSize: it })": anyNumber,
  "mnist({ folder: it })": ["a text"],
  "mnist({ progress: it })": ["a function"],
  "listDatasets({ folder: it })": ["a text"],
  "digits({ seed: it })": anyNumber,
  "wasm({ threads: it })": anyNumber,
};

/** `calls({ "fit(it)": (it) => session.fit(it) })`; all must be refused but for what `fine` says. */
export function calls(
  table: Readonly<Record<string, (given: Loose) => unknown>>,
  fine: Readonly<Record<string, readonly string[]>> | "all" = {},
): readonly Call[] {
  return Object.entries(table).map(([name, call]) => ({
    name,
    call,
    fine: fine === "all" ? fine : (fine[name] ?? right[name] ?? []),
  }));
}

/** Every function of a module, with the value in its first place, and in its first two. */
export function callsOf(module: Readonly<Record<string, Loose>>): readonly Call[] {
  return Object.entries(module)
    .filter(([, value]) => typeof value === "function" && !/^class\b/.test(String(value)))
    .flatMap(([name, value]) =>
      calls(
        { [`${name}(it)`]: (it) => value(it), [`${name}(it, it)`]: (it) => value(it, it) },
        "all",
      ),
    );
}
