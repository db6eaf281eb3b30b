/** `hone backends`. */
import { type Candidate, type Probe, pickFastest } from "@hone/core";
import { isModelName, zoo } from "@hone/core/models";
import { resultTable } from "@hone/report";
import { type Arguments, readChoice, readNumber } from "../arguments.js";
import { choiceFiles, measuredAnew } from "../choice-files.js";
import { type Command, type Surroundings, threadsOption } from "../command.js";
import { allBackends } from "../devices.js";
import { checkFileWritable } from "../files/writable.js";
import { writeWhole } from "../files/write-whole.js";
import { wrap } from "../help.js";
import { openModel } from "../model-files.js";

const modes = ["train", "predict"] as const;
const seed = 1;

export const backendsCommand: Command = {
  name: "backends",
  summary: "show what this machine can compute on, and what is fastest",
  description:
    "Asks every backend whether it works here, tries those that do on problems with known answers, and times " +
    "them in turns on the model's own step. For one that cannot be used: why, and what would help. " +
    "The choice is kept for a day, and is what --backend auto then takes for the same use.",
  options: [
    {
      name: "model",
      value: "MODEL",
      help: `${Object.keys(zoo).join(", ")}, or the path of a tfjs model.json or its folder (default cnn)`,
    },
    { name: "mode", value: "NAME", help: "train or predict (default train)" },
    {
      name: "batch-size",
      value: "N",
      help: "images in a step (default 64 to train, 1 to predict)",
    },
    { name: "steps", value: "N", help: "steps it is wanted for (default 10000)" },
    threadsOption,
    { name: "json", value: "FILE", help: "write probes and figures here as one JSON object" },
  ],
  run: showBackends,
};

async function showBackends(given: Arguments, { terminal }: Surroundings): Promise<void> {
  const modelName = given.options.get("model") ?? "cnn";
  const mode = readChoice(given, "mode", modes) ?? "train";
  const size = readNumber(given, "batch-size", { least: 1, most: 65_536, whole: true });
  const batchSize = size ?? (mode === "train" ? 64 : 1);
  const steps = readNumber(given, "steps", { least: 1, whole: true }) ?? 10_000;
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const json = given.options.get("json");
  if (json !== undefined) await checkFileWritable(json);
  const backends = allBackends(threads);
  const model = await openModel(backendsCommand, modelName, { seed });

  const probes: { readonly name: string; readonly probe: Probe }[] = [];
  for (const backend of backends) {
    terminal.show(`asking ${backend.name}`);
    probes.push({ name: backend.name, probe: await backend.probe() });
  }
  const device = await pickFastest(backends, {
    for: model,
    mode,
    batchSize,
    steps,
    ...(isModelName(modelName) && { optimizer: zoo[modelName].defaults.optimizer }),
    // Who asks wants to see it measured; what comes out is kept all the same.
    store: measuredAnew(choiceFiles()),
    onProgress: (what) => terminal.show(what),
  });
  await device.close();
  const { candidates, why } = device;

  const use = `${mode === "train" ? "train" : "predict with"} ${modelName}, batch size ${batchSize}, ${steps.toLocaleString("en-US")} ${mode === "train" ? "steps" : "predictions"}`;
  terminal.print(`For        ${use}\n`);
  const rows = candidates.map((candidate) => row(candidate, probes));
  terminal.print(resultTable(rows));
  for (const { name, outcome, reason } of candidates) {
    const what = wrap(`${outcome}: ${reason}`, 78).join("\n           ");
    terminal.print(`\n${name.padEnd(10)} ${what}`);
  }
  for (const { name, probe } of probes) {
    if (!probe.hint) continue;
    const aim = probe.ok ? `To make ${name} faster` : `To use ${name}`;
    terminal.print(`\n${aim}: ${probe.hint.replace(/\.$/, "")}.`);
  }
  if (json !== undefined) {
    const report = { model: modelName, mode, batchSize, steps, why, candidates, probes };
    await writeWhole(json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  terminal.print(`\nFiles      ${json ?? "none written: --json FILE keeps the figures"}`);
}

function row(
  { name, outcome, figures }: Candidate,
  probes: readonly { readonly name: string; readonly probe: Probe }[],
) {
  const probe = probes.find((one) => one.name === name)?.probe;
  const milliseconds = (value: number | undefined) =>
    value === undefined ? "" : `${Number(value.toPrecision(3))} ms`;
  return {
    backend: name,
    outcome,
    device: probe?.ok ? probe.info.description : "",
    start: milliseconds(figures && figures.openMs + figures.compileMs),
    step: milliseconds(figures?.stepMs),
    "in all": figures
      ? `${figures.stepMs === undefined ? "over " : ""}${Number((figures.totalMs / 1000).toPrecision(3))} s`
      : "",
  };
}
