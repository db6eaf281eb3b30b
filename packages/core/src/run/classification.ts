/** Counts what a classifier got right and wrong. Pure functions on outputs and labels. */
import { labelKind } from "../graph/losses/index.js";
import type { PortInfo } from "../graph/template.js";
import { isTraced, type Term } from "../graph/terms.js";
import type { Column } from "./dataset.js";

/** How far one class was right. */
export interface ClassFigures {
  /** Of the rows given this class, the share that is of it; NaN when there are none. */
  readonly precision: number;
  /** Of the rows of this class, the share that was given it; NaN when there are none. */
  readonly recall: number;
  /** Rows of this class. */
  readonly support: number;
}

/** How far an output's classes were right. */
export interface Classification {
  readonly accuracy: number;
  /** `confusion[actual][predicted]`: rows. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassFigures[];
  /** The class given to each row. */
  readonly predicted: Int32Array;
}

/** Index of the first maximum of `length` values from `start`. */
export function argMax(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let index = 1; index < length; index++) {
    if ((values[start + index] as number) > (values[start + best] as number)) best = index;
  }
  return best;
}

const NO_CLASSES: Classification = {
  accuracy: Number.NaN,
  confusion: [],
  perClass: [],
  predicted: new Int32Array(0),
};

/**
 * Confusion and figures of each class, where the output's loss takes classes or its accuracy is asked for; nothing
 * elsewhere.
 * @param outputs [rows, ...shape], what the model gave @param labels the output's column
 */
export function classifyOutput(
  term: Term | undefined,
  { shape }: PortInfo,
  outputs: Float32Array,
  labels: Column | undefined,
): Classification {
  const encoding = term && encodingOf(term);
  if (encoding === undefined || labels === undefined) return NO_CLASSES;
  const { kind, threshold } = encoding;
  return classify(kind, outputs, shape.at(-1) ?? 1, labels, threshold);
}

interface Encoding {
  readonly kind: "class-index" | "one-hot" | "binary";
  /** Above which a binary output says yes: a logit does above 0, where its probability is above a half. */
  readonly threshold: number;
}

const ACCURACIES: Readonly<Record<string, Encoding["kind"]>> = {
  sparseCategoricalAccuracy: "class-index",
  categoricalAccuracy: "one-hot",
  binaryAccuracy: "binary",
};

/** How an output's labels name classes, by its loss or by the accuracy that is asked for. */
function encodingOf({ loss, metrics }: Term): Encoding | undefined {
  const named = loss && !isTraced(loss) ? loss : undefined;
  const kind = named && labelKind(named);
  const logits = named?.fromLogits === true;
  if (kind === "class-index" || kind === "one-hot" || kind === "binary") {
    return { kind, threshold: logits ? 0 : 0.5 };
  }
  for (const { metric } of metrics) {
    const asked = isTraced(metric) ? undefined : ACCURACIES[metric.name];
    if (asked === undefined || isTraced(metric)) continue;
    return { kind: asked, threshold: Number(metric.threshold ?? 0.5) };
  }
  return undefined;
}

/**
 * @param outputs [rows, columns], what the model gave
 * @param labels the data set's label column
 * @param threshold above which a binary output says yes
 */
export function classify(
  kind: "class-index" | "one-hot" | "binary",
  outputs: Float32Array,
  columns: number,
  labels: Column,
  threshold = 0.5,
): Classification {
  const rows = outputs.length / columns;
  const classes = kind === "binary" ? 2 : columns;
  const label = (at: number) => (labels.data[at] as number) * labels.scale + labels.offset;
  const actual = (row: number): number => {
    if (kind === "class-index") return Math.floor(label(row));
    if (kind === "binary") return label(row) > 0.5 ? 1 : 0;
    let best = 0;
    for (let at = 1; at < columns; at++) {
      if (label(row * columns + at) > label(row * columns + best)) best = at;
    }
    return best;
  };
  const given = (row: number): number =>
    kind === "binary"
      ? Number((outputs[row] as number) > threshold)
      : argMax(outputs, row * columns, columns);

  // Several binary outputs a row are judged element by element.
  const judged = kind === "binary" ? outputs.length : rows;
  const predicted = Int32Array.from({ length: judged }, (_, row) => given(row));
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let right = 0;
  for (let row = 0; row < judged; row++) {
    const truth = actual(row);
    const guess = predicted[row] as number;
    if (truth === guess) right++;
    const counts = confusion[truth];
    if (counts) counts[guess] = (counts[guess] as number) + 1;
  }
  return { accuracy: right / judged, confusion, perClass: figures(confusion), predicted };
}

function figures(confusion: readonly (readonly number[])[]): ClassFigures[] {
  return confusion.map((row, index) => {
    const hits = row[index] as number;
    const support = row.reduce((sum, count) => sum + count, 0);
    const given = confusion.reduce((sum, other) => sum + (other[index] as number), 0);
    return { precision: hits / given, recall: hits / support, support };
  });
}
