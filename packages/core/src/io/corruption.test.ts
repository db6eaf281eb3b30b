import { expect, test } from "vitest";
import { encodeModel } from "./index.js";
import { type Files, failure, load, smallCnn } from "./test/models.js";

// biome-ignore lint/suspicious/noExplicitAny: the mutations below reach into arbitrary JSON
type Json = any;

interface Corruption {
  readonly title: string;
  readonly change: (json: Json, files: Files) => unknown;
  readonly says: RegExp;
}

const corruptions: readonly Corruption[] = [
  {
    title: "a format of graph models",
    change: (j) => {
      j.format = "graph-model";
    },
    says: /"graph-model".*layers-model/,
  },
  {
    title: "no topology",
    change: (j) => {
      delete j.modelTopology;
    },
    says: /"modelTopology" is missing/,
  },
  {
    title: "no manifest",
    change: (j) => {
      delete j.weightsManifest;
    },
    says: /"weightsManifest" is missing/,
  },
  {
    title: "a manifest that is text",
    change: (j) => {
      j.weightsManifest = "x";
    },
    says: /not a list/,
  },
  {
    title: "a group without paths",
    change: (j) => {
      delete j.weightsManifest[0].paths;
    },
    says: /lacks its "paths"/,
  },
  ...[
    "../weights.bin",
    "a/b.bin",
    "a\\b.bin",
    "/etc/passwd",
    "C:x.bin",
    "a\0b",
    "..",
    ".",
    "",
    "./",
    "./..",
    "././a.bin",
    ".//etc",
    "x".repeat(300),
    7,
  ].map(
    (path): Corruption => ({
      title: `the weight file ${JSON.stringify(path).slice(0, 20)}`,
      change: (j) => {
        j.weightsManifest[0].paths = [path];
      },
      says: /is not a plain file name/,
    }),
  ),
  {
    title: "a file listed twice",
    change: (j) => {
      j.weightsManifest[0].paths.push(j.weightsManifest[0].paths[0]);
    },
    says: /listed twice/,
  },
  {
    title: "a weight listed twice",
    change: (j) => {
      j.weightsManifest[0].weights[1].name = "conv/kernel";
    },
    says: /"conv\/kernel" is listed twice/,
  },
  {
    title: "an unknown dtype",
    change: (j) => {
      j.weightsManifest[0].weights[0].dtype = "bfloat16";
    },
    says: /"conv\/kernel" has the dtype "bfloat16"/,
  },
  {
    title: "a dtype that is a prototype key",
    change: (j) => {
      j.weightsManifest[0].weights[0].dtype = "toString";
    },
    says: /the dtype "toString"/,
  },
  {
    title: "a quantized weight",
    change: (j) => {
      j.weightsManifest[0].weights[0].quantization = { dtype: "uint8", min: 0, scale: 1 };
    },
    says: /"conv\/kernel" is quantized \("uint8"\)/,
  },
  {
    title: "a shape whose size overflows",
    change: (j) => {
      j.weightsManifest[0].weights[0].shape = [2 ** 31, 2 ** 31, 2 ** 31];
    },
    says: /more than 2\^53 bytes/,
  },
  {
    title: "a shape that multiplies round to a small number",
    change: (j) => {
      j.weightsManifest[0].weights[0].shape = [2 ** 32, 2 ** 32];
    },
    says: /more than 2\^53 bytes/,
  },
  {
    title: "a huge shape",
    change: (j) => {
      j.weightsManifest[0].weights[0].shape = [100_000, 100_000];
    },
    says: /bytes, and the model's weights 40000/,
  },
  {
    title: "a negative size",
    change: (j) => {
      j.weightsManifest[0].weights[0].shape[0] = -3;
    },
    says: /has the shape/,
  },
  {
    title: "a fractional size",
    change: (j) => {
      j.weightsManifest[0].weights[0].shape[0] = 1.5;
    },
    says: /has the shape/,
  },
  {
    title: "a rank of 9",
    change: (j) => {
      j.weightsManifest[0].weights[0].shape = Array(9).fill(1);
    },
    says: /has the shape/,
  },
  {
    title: "no shape",
    change: (j) => {
      delete j.weightsManifest[0].weights[0].shape;
    },
    says: /has the shape missing/,
  },
  {
    title: "a weight called __proto__",
    change: (j) => {
      j.weightsManifest[0].weights[0].name = "__proto__";
    },
    says: /the name "__proto__"/,
  },
  {
    title: "a weight whose name moves the cursor",
    change: (j) => {
      j.weightsManifest[0].weights[0].name = "\u001b[2J\u009b\n";
    },
    says: /"\\u001b\[2J\\u009b\\n" of the model|belongs to no layer|missing/,
  },
  {
    title: "a renamed weight",
    change: (j) => {
      j.weightsManifest[0].weights[0].name = "conv/kernal";
    },
    says: /weight "conv\/kernel" of the model is missing/,
  },
  {
    title: "a transposed shape",
    change: (j) => {
      j.weightsManifest[0].weights[0].shape.reverse();
    },
    says: /"conv\/kernel" is saved with shape \[3, 1, 3, 3\], and its layer has \[3, 3, 1, 3\]/,
  },
  {
    title: "another dtype of the same size",
    change: (j) => {
      j.weightsManifest[0].weights[0].dtype = "int32";
    },
    says: /"conv\/kernel" is saved as int32/,
  },
  {
    title: "a weight of no layer",
    change: (j, f) => {
      j.weightsManifest.push({
        paths: ["more.bin"],
        weights: [{ name: "extra", shape: [1], dtype: "float32" }],
      });
      f["more.bin"] = new Uint8Array(4);
    },
    says: /"extra" belongs to no layer/,
  },
  {
    title: "a weight file cut short",
    change: (_j, f) => {
      f["group1-shard1of1.bin"] = f["group1-shard1of1.bin"]!.subarray(0, 100);
    },
    says: /saved\/group1-shard1of1\.bin: the file has 100 bytes, and the model's weights/,
  },
  {
    title: "an empty weight file",
    change: (_j, f) => {
      f["group1-shard1of1.bin"] = new Uint8Array(0);
    },
    says: /the file has 0 bytes/,
  },
  {
    title: "a weight file with a byte too many",
    change: (_j, f) => {
      f["group1-shard1of1.bin"] = new Uint8Array([...f["group1-shard1of1.bin"]!, 0]);
    },
    says: /bytes, and the model's weights/,
  },
  {
    title: "NaN in a weight",
    change: (_j, f) => {
      f["group1-shard1of1.bin"]!.set([0, 0, 0xc0, 0x7f], 4);
    },
    says: /"conv\/kernel" holds NaN at element 1/,
  },
  {
    title: "infinity in a weight",
    change: (_j, f) => {
      f["group1-shard1of1.bin"]!.set([0, 0, 0x80, 0xff], 0);
    },
    says: /"conv\/kernel" holds -Infinity at element 0/,
  },
  {
    title: "a layer of a million units",
    change: (j) => {
      layerOf(j, "out").units = 1_000_000_000;
    },
    says: /"out\/kernel" of shape \[108, 1000000000\] is larger than what the weight files hold/,
  },
  {
    title: "units that are text",
    change: (j) => {
      layerOf(j, "out").units = "many";
    },
    says: /tfjs cannot build|larger than/,
  },
  {
    title: "an unknown layer",
    change: (j) => {
      j.modelTopology.config.layers[1].class_name = "Whatever";
    },
    says: /tfjs cannot build this model: .*Unknown layer: Whatever/,
  },
  {
    title: "a layer of class constructor",
    change: (j) => {
      j.modelTopology.config.layers[1].class_name = "constructor";
    },
    says: /the class "constructor"/,
  },
  {
    title: "a layer without config",
    change: (j) => {
      delete j.modelTopology.config.layers[1].config;
    },
    says: /lacks its "class_name" or "config"/,
  },
  {
    title: "no layers",
    change: (j) => {
      j.modelTopology.config.layers = [];
    },
    says: /lists no layers/,
  },
  {
    title: "a model that is a layer",
    change: (j) => {
      j.modelTopology.class_name = "Dense";
    },
    says: /the model's class is "Dense"/,
  },
  {
    title: "no input shape",
    change: (j) => {
      delete layerOf(j, "conv").batch_input_shape;
    },
    says: /tfjs cannot build this model: "The first layer in a Sequential model must get an `inputShape` or `batchInputShape` argument"\. /,
  },
  {
    title: "two layers of one name",
    change: (j) => {
      layerOf(j, "out").name = "norm";
    },
    says: /two layers have the name "norm"\. Rename one of them/,
  },
  {
    title: "a model that stands first with a layer of a name that is there already",
    change: (j) => {
      const layers = j.modelTopology.config.layers;
      const first = { class_name: "Sequential", config: { name: "first", layers: [layers[0]] } };
      j.modelTopology.config.layers = [first, layers[0], ...layers.slice(1)];
    },
    says: /two layers have the name "conv"/,
  },
  {
    title: "a normalisation along two axes",
    change: (j) => {
      layerOf(j, "norm").axis = [1, 3];
    },
    says: /layer "norm" normalises along 2 axes; tfjs takes one/,
  },
  {
    title: "an initializer between bounds that are no numbers, which tfjs would draw for ever",
    change: (j) => {
      const config = { scale: [5, 4], mode: "fan_avg", distribution: "normal" };
      layerOf(j, "out").kernel_initializer = { class_name: "VarianceScaling", config };
    },
    says: /the initializer VarianceScaling has a scale of \[5,4\]\. Save the model again/,
  },
  {
    title: "an initializer whose upper bound is the lower one",
    change: (j) => {
      const config = { mean: 0, stddev: -1 };
      layerOf(j, "conv").kernel_initializer = { class_name: "TruncatedNormal", config };
    },
    says: /the initializer TruncatedNormal has a stddev of -1/,
  },
];

function layerOf(json: Json, name: string): Json {
  return json.modelTopology.config.layers.find((layer: Json) => layer.config.name === name).config;
}

for (const { title, change, says } of corruptions) {
  test(`a saved model with ${title} is refused on one line`, async () => {
    const files = await encodeModel(smallCnn());
    const json = JSON.parse(new TextDecoder().decode(files["model.json"]));
    change(json, files);
    files["model.json"] = new TextEncoder().encode(JSON.stringify(json));
    expect(await failure(load(files))).toMatch(says);
  });
}
