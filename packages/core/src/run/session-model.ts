/** A session's model, and rows as the model takes them. It is captured for their shapes when those are met first. */
import { HoneError, invariant } from "../errors.js";
import type { TracedModel } from "../graph/template.js";
import type { Shape } from "../graph/types.js";
import { visibleText } from "../visible-text.js";
import { InputScales } from "./input-scales.js";
import { byPort, type NamedRows } from "./named-rows.js";
import { type DeclaredInput, type ReadRows, type RowsLike, readRows } from "./rows.js";
import type { TrainingSetup } from "./setup.js";

/** A model as it was captured for rows of certain shapes. */
export interface Captured {
  readonly traced: TracedModel;
  /** In model order. */
  readonly weights: readonly Float32Array[];
  readonly setup: TrainingSetup;
}

export interface ModelParts {
  /** Of the model, in its order; null where an extent is free. */
  readonly inputs: readonly DeclaredInput[];
  /** The model for rows of these shapes, by input; needed only where it leaves extents free. */
  readonly capture: (rowShapes?: Readonly<Record<string, Shape>>) => Captured;
}

export class SessionModel {
  readonly scales = new InputScales();
  readonly warnings: string[] = [];
  /** Names of the classes, by output, as the data sets had them. */
  readonly classNames = new Map<string, readonly string[]>();
  readonly #parts: ModelParts;
  readonly #models = new Map<string, TracedModel>();
  #first: Captured | undefined;

  constructor(parts: ModelParts) {
    this.#parts = parts;
  }

  /** As the model declares them. */
  get inputs(): readonly DeclaredInput[] {
    return this.#parts.inputs;
  }

  /** True when it leaves extents to the data. */
  get isOpen(): boolean {
    return this.#parts.inputs.some(({ shape }) => shape.includes(null));
  }

  /** As it was captured first. @throws BadArgument while the model waits for data to say its input's shape */
  get captured(): Captured {
    if (this.#first === undefined) this.forShapes();
    invariant(this.#first, "session", "the model is not captured");
    return this.#first;
  }

  /** The model for rows of these shapes, by input; captured when they are met first. */
  forShapes(shapes: Readonly<Record<string, Shape>> = {}): TracedModel {
    const free = this.#parts.inputs.filter(({ shape }) => shape.includes(null));
    const key = JSON.stringify(free.map(({ name }) => shapes[name]));
    const known = this.#models.get(key);
    if (known) return known;
    const named = free.flatMap(({ name }) => (shapes[name] ? [[name, shapes[name]] as const] : []));
    const captured = this.#parts.capture(Object.fromEntries(named));
    this.#first ??= captured;
    const { traced } = captured;
    for (const warning of traced.warnings) {
      if (!this.warnings.includes(warning)) this.warnings.push(warning);
    }
    this.#models.set(key, traced);
    return traced;
  }

  /** Rows for each input. @throws BadArgument, BadData, ShapeMismatch */
  async inputsOf(
    x: RowsLike | NamedRows,
    where: string,
  ): Promise<{ readonly rows: number; readonly inputs: ReadonlyMap<string, ReadRows> }> {
    const { inputs } = this.#parts;
    const given = await byPort(
      x,
      inputs.map(({ name }) => name),
      where,
      "input",
    );
    const read = new Map<string, ReadRows>();
    for (const input of inputs) {
      const rows = given.get(input.name) as RowsLike;
      read.set(input.name, await readRows(rows, input, this.scales.of(input.name), where));
    }
    const counts = [...read.values()].map(({ rows }) => rows);
    const rows = counts[0] ?? 0;
    if (counts.some((count) => count !== rows)) {
      const what = `the inputs have ${counts.join(", ")} rows. Give all of them the same number.`;
      throw new HoneError("ShapeMismatch", where, what);
    }
    return { rows, inputs: read };
  }

  /** Tells once of inputs that lie far outside of what was trained on. */
  warnOfRanges(inputs: ReadonlyMap<string, ReadRows>): void {
    for (const [name, { data }] of inputs) {
      const warning = this.scales.warningFor(name, data);
      if (warning) this.warn(warning);
    }
  }

  warn(warning: string): void {
    this.warnings.push(warning);
    console.warn(`[hone] ${visibleText(warning)}`);
  }
}
