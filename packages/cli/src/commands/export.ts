/** `hone export`. */
import { compile, HoneError, type SavedModel, visibleText } from "@hone/core";
import { encodeSavedModel } from "@hone/core/io";
import { cpu } from "@hone/cpu";
import { type Arguments, misuse, readNumber } from "../arguments.js";
import type { Command, Surroundings } from "../command.js";
import { checkFileWritable } from "../files/writable.js";
import { writeWhole } from "../files/write-whole.js";
import { readModel } from "../model-files.js";

export const exportCommand: Command = {
  name: "export",
  summary: "write a saved model for pages without tfjs",
  description:
    "Writes a model that hone or tfjs saved as one file of Hone's own, which @hone/core/runtime opens without tfjs: " +
    "it predicts, evaluates and trains on. Class names of a model that hone train saved go with it, and the scale of its pixels.",
  options: [
    { name: "model", value: "DIR", help: "folder of a tfjs model.json, or the file (required)" },
    { name: "out", value: "FILE", help: "the file to write, as digits.hone (required)" },
    { name: "name", value: "TEXT", help: "what the model is called (default: its own name)" },
    {
      name: "loss",
      value: "NAME",
      help: "a loss of tfjs (default: what the model was saved with, or sparseCategoricalCrossentropy for one that ends in softmax)",
    },
    {
      name: "byte-scale",
      value: "X",
      help: "what bytes given to predict are multiplied by (default 1/255 for a model that hone train saved, else 1)",
    },
    {
      name: "input-shape",
      value: "N,N,…",
      help: "of one row, where the model leaves extents free: 28,28,1",
    },
  ],
  run: exportModel,
};

const PIXEL_SCALE = 1 / 255;

async function exportModel(given: Arguments, { terminal }: Surroundings): Promise<void> {
  const { options } = given;
  const [place, out] = [options.get("model"), options.get("out")];
  if (place === undefined) throw misuse(exportCommand, "--model is missing: the folder of a model");
  if (out === undefined) throw misuse(exportCommand, "--out is missing: the file to write");
  const scale = readNumber(given, "byte-scale", { least: 0, open: "least" });
  const inputShape = shapeOf(options.get("input-shape"));
  await checkFileWritable(out);

  const { model, classNames, classOutput } = await readModel(place);
  const device = await cpu({ worker: false }).open();
  try {
    const loss = options.get("loss");
    const session = await compile(model, {
      device,
      ...(loss !== undefined && { loss }),
      ...(inputShape && { inputShape }),
    });
    const name = options.get("name");
    const output = classOutput ?? model.outputNames[0];
    const saved = await session.saved({
      ...(name !== undefined && { name }),
      ...(classNames && output !== undefined && { classNames: { [output]: classNames } }),
    });
    session.close();
    const byteScale = scale ?? (classNames ? PIXEL_SCALE : 1);
    const bytes = await encodeSavedModel(withScale(saved, byteScale));
    await writeWhole(out, bytes);
    terminal.print(`Model      ${visibleText(saved.name)}, ${saved.traced.weights.length} weights`);
    terminal.print(`Bytes      are multiplied by ${byteScale}`);
    if (classNames) terminal.print(`Classes    ${visibleText(classNames.join(", "))}`);
    terminal.print(`\nFiles      ${out} (${bytes.length} bytes)`);
  } finally {
    await device.close();
  }
}

function withScale(model: SavedModel, scale: number): SavedModel {
  const scales = Object.fromEntries(
    model.traced.inputs.map(({ name }) => [name, { scale, offset: 0 }]),
  );
  return { ...model, state: { ...model.state, scales } };
}

/** @throws BadArgument for what are no extents */
function shapeOf(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const extents = text.split(",").map(Number);
  if (extents.every((extent) => Number.isSafeInteger(extent) && extent > 0)) return extents;
  const what = `"${text}" is no shape. Give whole numbers above 0 with commas between, as 28,28,1.`;
  throw new HoneError("BadArgument", "--input-shape", what);
}
