/** What the fields of a row in a file may hold: they reach programs, paths and loops as they stand. */
import { shortJson } from "../short-json.js";

type Fields = Readonly<Record<string, unknown>>;

interface Field {
  readonly fits: (value: unknown) => boolean;
  readonly wanted: string;
}

const longestText = 1000;
const text: Field = {
  fits: (value) => typeof value === "string" && value.length <= longestText,
  wanted: `a text of at most ${longestText} characters`,
};
const count: Field = {
  fits: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  wanted: "a whole number of at least 1",
};

const optionalFields: Readonly<Record<string, Field>> = {
  dataset: text,
  variant: text,
  threads: count,
  epochs: count,
  limit: count,
  latency: { fits: (value) => typeof value === "boolean", wanted: "true or false" },
  env: { fits: isTexts, wanted: "an object of texts" },
};

/** What is wrong with a row, as the end of a sentence about it; undefined when nothing is. */
export function rowFault(row: Fields): string | undefined {
  for (const [name, { fits, wanted }] of Object.entries(optionalFields)) {
    const value = row[name];
    if (value !== undefined && !fits(value)) {
      return `has "${name}": ${shortJson(value)}. Give ${wanted}`;
    }
  }
  const { model, mode, batchSize, backend, engine, command } = row;
  const known = mode === "train" || mode === "predict";
  if (!text.fits(model) || !known || !count.fits(batchSize)) {
    const wanted =
      'Give model (a name), mode ("train" or "predict") and batchSize (a whole number)';
    return `is ${shortJson(row)}. ${wanted}`;
  }
  const words = Array.isArray(command) && command.every(text.fits) && command.length > 0;
  if (text.fits(backend) || (text.fits(engine) && words)) return undefined;
  return `is ${shortJson(row)}. Give backend, or engine and command (a list of words)`;
}

function isTexts(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(text.fits)
  );
}
