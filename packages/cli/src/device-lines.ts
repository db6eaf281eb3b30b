/** What a newcomer wants to know of the device: which, by how much, and what would help. */
import { clip } from "@hone/report";
import type { OpenedDevice } from "./devices.js";

const headWidth = 11;
const textWidth = 80 - headWidth;

/** Lines of at most 80 characters; `--verbose` and the report have all that was found out. */
export function deviceLines({ device, candidates }: OpenedDevice): readonly string[] {
  const { backend, description } = device.info;
  const ahead = aheadText(candidates);
  const help = candidates.find(({ outcome, hint }) => outcome === "refused" && hint);
  return [
    line("Backend", `${backend}: ${description}`),
    ...(ahead === undefined ? [] : [line("Ahead", ahead)]),
    ...(help?.hint === undefined
      ? []
      : [line("Would help", `${help.name}: ${inShort(help.hint)}`)]),
  ];
}

/** What to do, without its further ways and its examples; `--verbose` has all of it. */
function inShort(hint: string): string {
  return hint.split(/ \(|, or |[;.:] /)[0] as string;
}

function line(head: string, text: string): string {
  return `${head.padEnd(headWidth)}${clip(text, textWidth)}`;
}

/** How far the chosen one is ahead of the next, in the time that the whole work takes. */
function aheadText(candidates: OpenedDevice["candidates"]): string | undefined {
  const chosen = candidates.find(({ outcome }) => outcome === "chosen")?.figures;
  if (chosen === undefined) return undefined;
  const [next] = candidates
    .flatMap(({ name, outcome, figures }) =>
      outcome === "chosen" || figures === undefined ? [] : [{ name, figures }],
    )
    .sort((one, other) => one.figures.totalMs - other.figures.totalMs);
  if (next === undefined) return undefined;
  const times = Number((next.figures.totalMs / chosen.totalMs).toPrecision(2));
  const least = next.figures.stepMs === undefined ? "at least " : "";
  return `${least}${times} times as fast as ${next.name} at this work`;
}
