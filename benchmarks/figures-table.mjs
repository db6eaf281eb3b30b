/**
 * Writes the results table of FIGURES.md from the recorded runs, between two markers:
 *
 *   node benchmarks/figures-table.mjs            writes it
 *   node benchmarks/figures-table.mjs --check    says whether it is what the records say
 *
 * The records are benchmarks/recorded/bench-*.json, as `npm run bench -- --json FILE` wrote them.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { benchmarkColumns, outcomeText, sortBenchmark, taskText } from "@hone/report";

const root = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const recorded = path.join(root, "benchmarks/recorded");
export const page = path.join(root, "benchmarks/FIGURES.md");
export const [begin, end] = ["<!-- results -->", "<!-- /results -->"];

/** A table of a page's width; the record has the rest. */
const left = /^(p95 ms|device MB|epoch s)$/;

const engineText = ({ engine, variant }) =>
  variant === undefined ? engine : `${engine}, ${variant}`;
const cell = (text) => text.replaceAll("|", "\\|");
const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;

/** Why a record is not fit to be shown; undefined where it is. */
export function recordFault({ kind, complete, rebuilt }) {
  if (kind !== "benchmark") return "it was not written by hone bench --json";
  if (!complete) return "the run was interrupted";
  return rebuilt ? "Hone was built anew while it ran" : undefined;
}

/** One record as Markdown. @param file its name, for those who want to look */
export function recordMarkdown(record, file) {
  const { rows, machine, settings, date } = record;
  const measured = sortBenchmark(rows).filter(({ summary }) => summary !== undefined);
  const columns = benchmarkColumns(measured).filter(({ head }) => !left.test(head));
  const heads = ["task", "batch", "engine", ...columns.map(({ head }) => head)];
  const dashes = heads.map((head) => (/^(task|engine)$/.test(head) ? "---" : "---:"));
  const lines = measured.map((row) => {
    const figures = columns.map(({ text }) => text(row.summary) ?? "");
    return [taskText(row, false), `${row.batchSize}`, engineText(row), ...figures];
  });
  const missing = rows.flatMap((row) => {
    const why = outcomeText(row);
    return why === undefined
      ? []
      : [`* ${taskText(row, false)}, batch ${row.batchSize}, ${engineText(row)}: ${why}`];
  });
  const sets = [...new Set(rows.map(({ dataset }) => dataset))].join(", ");
  const place = `${machine.processor}, ${machine.cores} cores, Node ${machine.node}`;
  const rounds = settings.rounds === 1 ? "1 round" : `medians of ${settings.rounds} rounds`;
  return [
    `${sets} on ${place}; ${rounds}, ${date.slice(0, 10)}; [the record](recorded/${file}).`,
    [heads, dashes, ...lines].map(line).join("\n"),
    ...(missing.length === 0 ? [] : [`Without figures:\n\n${missing.join("\n")}`]),
  ].join("\n\n");
}

/** All recorded runs as Markdown; empty for none. */
export async function recordsMarkdown(folder = recorded) {
  const files = (await readdir(folder)).filter((name) => /^bench-.*\.json$/.test(name)).sort();
  const parts = files.map(async (file) => {
    const record = JSON.parse(await readFile(path.join(folder, file), "utf8"));
    const fault = recordFault(record);
    if (fault !== undefined) throw new Error(`[benchmark] ${file}: ${fault}. Record it anew.`);
    return recordMarkdown(record, file);
  });
  return (await Promise.all(parts)).join("\n\n");
}

/** The text with `results` between the markers, or undefined where it has none. */
export function withResults(text, results) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return undefined;
  return `${text.slice(0, from + begin.length)}\n\n${results}\n\n${text.slice(to)}`;
}

/** What is wrong with the page, in a sentence; undefined where it is what the records say. */
export function pageFault(text, results) {
  const wanted = withResults(text, results);
  if (wanted === undefined) {
    return results === ""
      ? undefined
      : `FIGURES.md has no place for the recorded results. Put ${begin} and ${end} into it.`;
  }
  if (results === "") return "FIGURES.md has a place for results, and none are recorded.";
  if (wanted === text) return undefined;
  return "FIGURES.md does not say what the records say. Run node benchmarks/figures-table.mjs.";
}

async function main(words) {
  const results = await recordsMarkdown();
  const text = await readFile(page, "utf8");
  if (words.includes("--check")) {
    const fault = pageFault(text, results);
    if (fault !== undefined) throw new Error(`[benchmark] ${fault}`);
    return;
  }
  if (results === "") throw new Error(`[benchmark] no bench-*.json in ${recorded}. Record a run.`);
  const changed = withResults(text, results);
  if (changed === undefined) throw new Error(`[benchmark] ${pageFault(text, results)}`);
  await writeFile(page, changed);
  console.log(`Results: ${page}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
