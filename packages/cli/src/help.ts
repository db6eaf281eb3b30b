/** Help texts, from the same tables that the command line is parsed with. */
import { type CommandSpec, helpOption } from "./arguments.js";

const width = 80;

export function commandHelp(command: CommandSpec): string {
  const { name, operands, summary, description, options } = command;
  const usage = ["hone", name, "[options]", operands].filter(Boolean).join(" ");
  const rows = [...options, helpOption].map(
    (option) => [`--${option.name}${option.value ? ` ${option.value}` : ""}`, option.help] as const,
  );
  const text = description === "" ? [] : ["", ...wrap(description, width)];
  return [`hone ${name}: ${summary}`, "", `Usage: ${usage}`, ...text, "", "Options:", ...list(rows)]
    .join("\n")
    .concat("\n");
}

export function overview(commands: readonly CommandSpec[], version: string): string {
  const shown = commands.filter(({ hidden }) => !hidden);
  return [
    `hone ${version}: trains and runs TensorFlow.js models at the speed of the hardware`,
    "",
    "Usage: hone <command> [options]",
    "",
    "Commands:",
    ...list(shown.map(({ name, summary }) => [name, summary] as const)),
    "",
    'Options of a command: "hone <command> --help". Also: --help, --version.',
    "HONE_DATA names a folder with data sets; HONE_DEBUG=1 shows where an error came from.",
    "",
  ].join("\n");
}

/** What `hone` alone says: where to begin. */
export function welcome(version: string): string {
  const tries = [
    ["hone start", "train two models on MNIST, now"],
    ["hone backends", "see what this machine computes on, and how fast"],
    ["hone train --out run", "train a model, and keep it with its report"],
  ] as const;
  return [
    `hone ${version}: trains and runs TensorFlow.js models at the speed of the hardware`,
    "",
    "Try:",
    ...list(tries),
    "",
    'All commands: "hone --help".',
    "",
  ].join("\n");
}

function list(rows: readonly (readonly [string, string])[]): string[] {
  const margin = Math.max(...rows.map(([head]) => head.length)) + 4;
  return rows.flatMap(([head, text]) =>
    wrap(text, width - margin).map(
      (line, index) => (index === 0 ? `  ${head}`.padEnd(margin) : " ".repeat(margin)) + line,
    ),
  );
}

/** Lines of at most `columns` characters, where the words allow. */
export function wrap(text: string, columns: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines = [""];
    for (const word of paragraph.split(" ")) {
      const line = lines.at(-1)!;
      if (line !== "" && line.length + 1 + word.length > columns) lines.push(word);
      else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    }
    return lines;
  });
}
