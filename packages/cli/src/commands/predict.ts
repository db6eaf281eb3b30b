/** `hone predict`. */
import { compile, HoneError, type Prediction, type Rows } from "@hone/core";
import { numberText, percentText, type ResultRow, resultTable } from "@hone/report";
import { type Arguments, misuse, readChoice } from "../arguments.js";
import { backendOption, type Command, defaultBackend, type Surroundings } from "../command.js";
import { allBackends, backendChoices, openDevice } from "../devices.js";
import { lightOnBlack, readPng, resize } from "../image.js";
import { checkInputs } from "../judging-option.js";
import { readModel, type SavedModel } from "../model-files.js";
import { mostPixels } from "../png/header.js";

export const predictCommand: Command = {
  name: "predict",
  operands: "IMAGE.png...",
  summary: "say what images show",
  description:
    "Each PNG image is converted to gray, resized to the model's input by averaging areas, and inverted when its border " +
    "is light: MNIST and Fashion-MNIST are white on black, so a dark digit on white paper is turned round. Crop images to their subject; " +
    "it should fill the image as it does in the training set. Of a model with several outputs each has a line for each image.",
  options: [
    { name: "model", value: "DIR", help: "folder of a tfjs model.json, or the file (required)" },
    backendOption,
  ],
  run: predict,
};

async function predict(given: Arguments, { terminal }: Surroundings): Promise<void> {
  const place = given.options.get("model");
  const files = given.operands;
  if (place === undefined)
    throw misuse(predictCommand, "--model is missing: the folder of a model");
  if (files.length === 0) throw misuse(predictCommand, "no image was given");
  const choice = readChoice(given, "backend", backendChoices) ?? defaultBackend;

  const saved = await readModel(place);
  const { model } = saved;
  checkInputs(model, place);
  const { height, width } = inputSize(model.inputs[0]?.shape ?? [], place);
  const images = [];
  for (const file of files) {
    const { image, inverted } = lightOnBlack(await readPng(file));
    images.push({ file, inverted, pixels: resize(image, width, height).pixels });
  }
  const data = new Float32Array(images.length * width * height);
  for (const [index, { pixels }] of images.entries()) data.set(pixels, index * width * height);

  const { device } = await openDevice({
    choice,
    backends: allBackends(),
    model,
    batchSize: files.length,
    mode: "predict",
    steps: 1,
    terminal,
  });
  try {
    // A loss plays no part in a prediction; it is given so that any model compiles.
    const session = await compile(model, { device, loss: "meanSquaredError", metrics: [] });
    const inputShape = model.inputs[0]!.shape.slice(1).map((extent) => extent ?? 1);
    const outputs = await session.predict({ data, shape: [images.length, ...inputShape] });
    session.close();
    const rows = images.flatMap(({ file, inverted }, index) =>
      answersOf(outputs, index, saved).map(
        (answer): ResultRow => ({ image: file, ...answer, inverted: inverted ? "yes" : "no" }),
      ),
    );
    terminal.print(resultTable(rows));
    terminal.print("\nFiles      none written");
  } finally {
    await device.close();
  }
}

function inputSize(
  shape: readonly (number | null)[],
  place: string,
): { readonly height: number; readonly width: number } {
  const [, height, width, channels = 1] = shape;
  if (shape.length > 4 || !height || !width || channels !== 1) {
    throw new HoneError(
      "ShapeMismatch",
      place,
      `the model takes [${shape.map((extent) => extent ?? "batch").join(", ")}], and images are given as [batch, height, width] or [batch, height, width, 1]. Use a model of gray images.`,
    );
  }
  if (height * width > mostPixels) {
    throw new HoneError(
      "ShapeMismatch",
      place,
      `the model takes images of ${width} by ${height} pixels; made are up to ${mostPixels} in all. Use a model of smaller images.`,
    );
  }
  return { height, width };
}

/** What each output says of one image; named where there are several. */
function answersOf(
  { byOutput }: Prediction,
  index: number,
  { classNames, classOutput }: Pick<SavedModel, "classNames" | "classOutput">,
): readonly ResultRow[] {
  const several = Object.keys(byOutput).length > 1;
  return Object.entries(byOutput).map(([output, rows]) => {
    const named = !several || classOutput === undefined || classOutput === output;
    const answer = answerOf(rows, index, named ? classNames : undefined);
    return several ? { output, ...answer } : answer;
  });
}

/** The class that scores highest; the value of an output of one; the extent of what is larger than a list. */
function answerOf(
  { data, shape: [, ...shape] }: Rows,
  index: number,
  names: readonly string[] | undefined,
): ResultRow {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = data.subarray(index * size, (index + 1) * size);
  if (shape.length > 1) {
    const [low, high] = [Math.min(...values), Math.max(...values)].map(numberText);
    return { shows: `[${shape.join(", ")}] from ${low} to ${high}` };
  }
  const [only = Number.NaN] = values;
  if (size > 1) return bestClasses(values, names);
  // A sigmoid's one output says how likely the second of two classes is.
  if (names?.length !== 2 || !(only >= 0 && only <= 1)) return { shows: numberText(only) };
  return bestClasses(Float32Array.of(1 - only, only), names);
}

function bestClasses(scores: Float32Array, names: readonly string[] | undefined): ResultRow {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const name = (index: number) => names?.[index] ?? `${index}`;
  const sum = scores.reduce((total, score) => total + score, 0);
  const probable = Math.abs(sum - 1) < 1e-3 && scores.every((score) => score >= 0);
  const surety = (index: number) => (probable ? percentText : numberText)(scores[index]!);
  const [first = 0, second] = order;
  return {
    shows: name(first),
    [probable ? "how sure" : "score"]: surety(first),
    ...(second !== undefined && { "or else": `${name(second)} (${surety(second)})` }),
  };
}
