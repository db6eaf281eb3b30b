import { expect, test } from "vitest";
import { isHoneError } from "../errors.js";
import { encodeModel } from "./index.js";
import { branching, type Files, failure, load, smallCnn } from "./test/models.js";

// biome-ignore lint/suspicious/noExplicitAny: the mutations below reach into arbitrary JSON
type Json = any;

const rawFiles: readonly (readonly [title: string, text: string, says: RegExp])[] = [
  ["is empty", "", /the file is empty/],
  ["is not JSON", "model", /\(5 bytes\) is not JSON, or is cut short/],
  ["is not text", "\u00ff\u00fe", /is not JSON|not UTF-8/],
  ["is a list", "[]", /not an object/],
  ["is null", "null", /not an object/],
  ["has a prototype key", '{"a":[{"__proto__":{"x":1}}]}', /the key "__proto__"/],
  ["has a constructor key", '{"constructor":{"prototype":1}}', /the key "constructor"/],
  ["is nested 200 deep", "[".repeat(200), /nested deeper than 100/],
  ["is a hundred thousand brackets", '{"a":'.repeat(100_000), /nested deeper than 100/],
  ["has three million values", `[${"{},".repeat(1_500_000)}0]`, /more than 1000000 values/],
  [
    "hides its brackets in a string",
    `{"a":"${"[".repeat(500)}\\"["}`,
    /"modelTopology" is missing/,
  ],
];

for (const [title, text, says] of rawFiles) {
  test(`a model.json that ${title} is refused on one line`, async () => {
    const json = new TextEncoder().encode(text);
    expect(await failure(load({ "model.json": json }))).toMatch(says);
  });
}

test("bytes that are not UTF-8 are refused by name", async () => {
  expect(await failure(load({ "model.json": Uint8Array.of(0x7b, 0xff, 0x7d) }))).toMatch(/UTF-8/);
});

const tangles: readonly (readonly [title: string, change: (json: Json) => unknown])[] = [
  [
    "waits for itself",
    (j) => {
      shared(j)[0][0][0] = "shared";
    },
  ],
  [
    "waits for a layer that is not there",
    (j) => {
      shared(j)[0][0][0] = "nobody";
    },
  ],
  [
    "waits for a call that never comes",
    (j) => {
      shared(j)[0][0][1] = 7;
    },
  ],
  [
    "waits for a nested model's second call",
    (j) => {
      shared(j)[0][0] = ["inner", 2, 0];
    },
  ],
];

function shared(json: Json): Json {
  return json.modelTopology.config.layers.find((layer: Json) => layer.name === "shared")
    .inbound_nodes;
}

for (const [title, change] of tangles) {
  test(`a layer that ${title} is refused, where tfjs would never return`, async () => {
    const files = await encodeModel(branching());
    const json = JSON.parse(new TextDecoder().decode(files["model.json"]));
    change(json);
    files["model.json"] = new TextEncoder().encode(JSON.stringify(json));
    expect(await failure(load(files))).toMatch(
      /layer "[a-z]+" waits for call \d of layer "[a-z]+"/,
    );
  });
}

test("two layers of one name, or a layer with two names, are refused", async () => {
  const files = await encodeModel(branching());
  const text = new TextDecoder().decode(files["model.json"]);
  const twice = text.replaceAll('"shared"', '"in"');
  expect(await failure(load({ ...files, "model.json": new TextEncoder().encode(twice) }))).toMatch(
    /two layers have the name "in"/,
  );
  const renamed = text.replace('"name":"shared"', '"name":"other"');
  expect(
    await failure(load({ ...files, "model.json": new TextEncoder().encode(renamed) })),
  ).toMatch(/and its config another/);
});

/** A small generator, so that every run tries the same corruptions. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("a thousand random corruptions each load or are refused on one line, and none hangs", async () => {
  const originals = [await encodeModel(smallCnn()), await encodeModel(branching())];
  const next = generator(2);
  let refused = 0;
  for (let round = 0; round < 1000; round++) {
    const files: Files = { ...originals[round % 2]! };
    const json = files["model.json"]!.slice();
    const kind = next(4);
    if (kind === 0) files["model.json"] = json.subarray(0, next(json.length));
    for (let edit = 0; kind > 0 && edit < kind * 2; edit++) {
      const at = next(json.length);
      if (kind === 1) json[at] = next(256);
      else if (kind === 2) json[at] = json[next(json.length)]!;
      else json.copyWithin(at, next(json.length), next(json.length));
    }
    if (kind > 0) files["model.json"] = json;
    const error = await load(files).then(
      (model) => model.dispose(),
      (thrown: unknown) => thrown,
    );
    if (isHoneError(error, "BadModelFile")) refused++;
    else if (error instanceof Error) throw error;
  }
  expect(refused).toBeGreaterThan(800);
});
