/** A network in tfjs's two kinds of files becomes a front. It loads tfjs, and so comes only with the first of them. */
import { compile, HoneError } from "@hone/core";
import { type DecodedModel, decodeModel, loadModel } from "@hone/core/io";
import { registerLayers } from "@hone/core/models";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import type { House } from "../../view.js";
import { MOST_CLASSES } from "./examples.js";
import type { Front } from "./front.js";

type Layer = layers.layers.Layer;
type Tensor = layers.SymbolicTensor;

/** Below it a picture is hardly one; above it a page has no room for some hundred of them. */
const [LEAST_SIZE, MOST_SIZE] = [8, 512];

/**
 * Cut at its last global average pooling, or else at the flatten before its first dense layer, with a new head behind.
 * @param files the model.json and the weight files that it names
 * @throws Error in a sentence for the visitor; BadModelFile
 */
export async function givenFront(house: House, files: readonly File[]): Promise<Front> {
  const decoded = still(await decodedOf(files));
  registerLayers();
  const tfjs = { core, layers } as never;
  const whole = await loadModel<layers.LayersModel>(decoded, tfjs);
  const form = formOf(whole);
  const features = featuresOf(whole);
  freeze(whole);
  const width = features.shape[1] as number;
  const head = await loadModel<layers.LayersModel>(headOf(width), tfjs);
  const model = layers.model({ inputs: whole.inputs, outputs: head.apply(features) as Tensor });
  const session = await compile(model, {
    device: await house.device(),
    optimizer: "adam",
    loss: "sparseCategoricalCrossentropy",
    metrics: ["acc"],
  });
  try {
    const saved = await session.saved({ name: "taught" });
    const words = `The layers of ${whole.name}, which you gave, stand still as they are.`;
    const { name } = whole;
    return { ...form, name, words, range: "signed", features: width, model: saved };
  } finally {
    session.close();
    whole.dispose();
    head.dispose();
  }
}

async function decodedOf(files: readonly File[]): Promise<DecodedModel> {
  const json = files.find(({ name }) => name.endsWith(".json"));
  if (!json)
    throw new Error("No model.json is among these files: choose it with its weight files.");
  const byName = new Map(files.map((file) => [file.name, file]));
  const named = (path: string): File => {
    const file = byName.get(path.slice(path.lastIndexOf("/") + 1));
    if (!file) {
      const what = "it is missing. Choose model.json and all its weight files together.";
      throw new HoneError("BadModelFile", path, what);
    }
    return file;
  };
  const bytes = async (file: File) => new Uint8Array(await file.arrayBuffer());
  return decodeModel({
    where: json.name,
    json: await bytes(json),
    size: async (path) => named(path).size,
    read: async (path) => bytes(named(path)),
  });
}

/** Layers that do otherwise while a network trains, as they are when it predicts. */
function still({ where, topology, weights }: DecodedModel): DecodedModel {
  const own = structuredClone(topology) as never;
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    const layer = part as { class_name?: string; config?: { axis?: unknown; rate?: number } };
    if (layer.class_name === "BatchNormalization" && layer.config) {
      layer.class_name = "HoneFixedBatchNormalization";
      const { axis } = layer.config;
      if (Array.isArray(axis)) layer.config.axis = axis[0];
    }
    if (/Dropout/.test(layer.class_name ?? "") && layer.config) layer.config.rate = 0;
    for (const inner of Object.values(part)) walk(inner);
  };
  walk(own);
  return { where, topology: own, weights };
}

function formOf({ inputs }: layers.LayersModel): Pick<Front, "size" | "channels"> {
  const [height, width, channels] = inputs[0]?.shape.slice(1) ?? [];
  const isPicture = inputs.length === 1 && inputs[0]?.shape.length === 4;
  if (!isPicture || (channels !== 1 && channels !== 3))
    throw new Error("This model takes no pictures: its one input must have 1 or 3 channels.");
  if (typeof height !== "number" || height !== width)
    throw new Error("This model does not say one size: its input must be square, as 224×224.");
  if (height < LEAST_SIZE || height > MOST_SIZE)
    throw new Error(`This model takes pictures of ${height}×${height}: 8 to 512 pixels can be.`);
  return { size: height, channels };
}

const innerOf = (layer: Layer) => (layer as { layers?: Layer[] }).layers;
const hasLayer = (layer: Layer, kind: RegExp): boolean =>
  kind.test(layer.getClassName()) || !!innerOf(layer)?.some((inner) => hasLayer(inner, kind));

/** Where it is cut: numbers of a picture, in a row. */
function featuresOf(model: layers.LayersModel): Tensor {
  const outputOf = (layer: Layer) =>
    layer.getOutputAt((layer as unknown as { inboundNodes: [] }).inboundNodes.length - 1) as Tensor;
  const all = model.layers;
  const dense = all.findIndex((layer) => layer.getClassName() === "Dense");
  const found =
    all.findLast(
      (layer) => hasLayer(layer, /^GlobalAveragePooling2D$/) && outputOf(layer).shape.length === 2,
    ) ?? all.slice(0, Math.max(0, dense)).findLast((layer) => layer.getClassName() === "Flatten");
  if (!found || !hasLayer(model, /Conv2D$/))
    throw new Error(
      "This model cannot be a front: it needs convolutions, and a global average pooling or a flatten behind them.",
    );
  return outputOf(found);
}

function freeze(layer: Layer): void {
  layer.trainable = false;
  for (const inner of innerOf(layer) ?? []) freeze(inner);
}

/** Features brought to one scale, and a dense layer of zeros; as files have it, so that tfjs needs no backend. */
function headOf(width: number): DecodedModel {
  const weight = (name: string, shape: readonly number[], value = 0) => ({
    name,
    shape,
    dtype: "float32" as const,
    values: new Float32Array(shape.reduce((all, one) => all * one, 1)).fill(value),
  });
  const scaling = {
    name: "features",
    batch_input_shape: [null, width],
    momentum: 0.9,
    epsilon: 1e-6,
    center: false,
    scale: false,
  };
  const dense = { name: "class", units: MOST_CLASSES, activation: "softmax" };
  return {
    where: "head",
    topology: {
      class_name: "Sequential",
      config: {
        name: "head",
        layers: [
          { class_name: "BatchNormalization", config: scaling },
          { class_name: "Dense", config: dense },
        ],
      },
    } as never,
    weights: [
      weight("features/moving_mean", [width]),
      weight("features/moving_variance", [width], 1),
      weight("class/kernel", [width, MOST_CLASSES]),
      weight("class/bias", [MOST_CLASSES]),
    ],
  };
}
