import { decode } from "fast-png";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { studyFigures } from "../study-figures.js";
import {
  endingIn,
  plainCnn,
  plainMlp,
  type SmallRun,
  smallStudy,
  tunedCnn,
  variantCnn,
} from "../test/small-study.js";
import { studyPage } from "./study-page.js";
import { contactSheet, toldImage } from "./test-images.js";

const time = {
  wallSeconds: 110,
  trainingSeconds: 100,
  testingSeconds: 5,
  dataSeconds: 1,
  deviceSeconds: 1,
  reportSeconds: 1,
  overhead: 1.1,
  runs: 5,
};

const runs: readonly SmallRun[] = [
  { model: plainCnn, seed: 1, accuracies: endingIn(0.99, 0.99, 0.991), classes: "1000111222" },
  { model: plainCnn, seed: 2, accuracies: endingIn(0.99, 0.99, 0.992), classes: "0000111221" },
  { model: tunedCnn, seed: 1, accuracies: endingIn(0.98, 0.98, 0.98), seconds: 9 },
  { model: plainMlp, seed: 1, accuracies: endingIn(0.9, 0.9, 0.9), classes: "1200111222" },
  { model: variantCnn, seed: 1, accuracies: endingIn(0.995, 0.995, 0.995) },
];

function draw(given: readonly SmallRun[], classNames = ["zero", "one", "two"]) {
  const record = smallStudy(given);
  // Each image is of one shade: ten times its number.
  const pixels = Uint8Array.from({ length: 40 }, (_, index) => 10 * Math.floor(index / 4));
  const images = new Map([["mnist", { width: 2, height: 2, pixels, classNames }]]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const parts = { record, figures: studyFigures(record), images, explorations: [], time };
  return studyPage(parts, { document });
}

test("the page tells results, curves, mistakes, tuning choices and how it was made", () => {
  const { document } = parseHTML(draw(runs).html);
  expect([...document.querySelectorAll("h2")].map((head) => head.textContent)).toEqual([
    "Conclusions",
    "Accuracy and time",
    "Training on mnist",
    "Mistakes on mnist",
    "Shared mistakes on mnist",
    "Tuning choices",
    "How it was made",
  ]);
  const text = (document.body.textContent ?? "").replaceAll("\u00a0", " ");
  expect(text).toContain("1 of 2 published figures are met.");
  expect(text).toContain("Met: cnn on mnist reaches 99.05 %");
  expect(text).toContain("Missed: mlp on mnist reaches 90.00 %");
  expect(text).toContain("(32 filters, 3×3 kernels, no dropout, learning rate 0.001)");
  expect(text).toContain("overhead ×1.100");
  // Of seed 1 the cnn is wrong on image 0, which the mlp gets wrong as well, beside image 1.
  const shown = (title: string) =>
    [...document.querySelectorAll("figure")]
      .filter((one) => one.querySelector("figcaption")?.textContent === title)
      .flatMap((one) => [...one.querySelectorAll("img")])
      .map((image) => image.getAttribute("alt"));
  expect(shown("Both wrong: cnn and mlp")).toEqual(["test image 0, truly zero"]);
  expect(shown("Only mlp wrong")).toEqual(["test image 1, truly zero"]);
  expect(shown("Only cnn wrong")).toEqual([]);
  expect(text).toContain("1 of 1 with seed 1.");
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

test("pictures are files of their own: charts that need no page, and sheets of mistakes", () => {
  const { pictures } = draw(runs);
  expect([...pictures.keys()].sort()).toEqual([
    "mnist-accuracy.svg",
    "mnist-cnn-confusion.svg",
    "mnist-cnn-mistakes.png",
    "mnist-cnn-tuned-confusion.svg",
    "mnist-cnn-tuning.svg",
    "mnist-mlp-confusion.svg",
    "mnist-mlp-mistakes.png",
    "mnist-test-accuracy.svg",
    "mnist-test-loss.svg",
    "mnist-training-time.svg",
  ]);
  expect(pictures.get("mnist-accuracy.svg")).toMatch(
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/,
  );
  const sheet = decode(pictures.get("mnist-mlp-mistakes.png") as Uint8Array);
  // Two images of 2 × 2 in one line, parted by two pixels; equally sure, so by their number: 0 and 1.
  expect([sheet.width, sheet.height]).toEqual([10, 6]);
  const at = (x: number, y: number) => sheet.data[y * sheet.width + x];
  expect([at(0, 0), at(2, 2), at(6, 3)]).toEqual([96, 0, 10]);
});

test("names from data are text and never markup", () => {
  const hostile = "<script>alert(1)</script>";
  const { document } = parseHTML(draw(runs, [hostile, hostile, hostile]).html);
  expect(document.querySelectorAll("script")).toHaveLength(0);
  expect(document.body.textContent).toContain(hostile);
});

test("whatever stands in a kept run, the page holds no element that is not the page's own", () => {
  const clean = smallStudy([{ model: plainMlp, accuracies: endingIn(0.9, 0.9, 0.9) }]);
  const images = new Map<string, never>();
  const drawn = (record: typeof clean) => {
    const { document } = parseHTML("<!doctype html><html><body></body></html>");
    return studyPage(
      { record, figures: studyFigures(record), images, explorations: [], time },
      { document },
    );
  };
  const hostile = '"><meta http-equiv="refresh" content="0; url=http://x"><script>1</script>';
  let pages = 0;
  for (const place of leavesOf(clean)) {
    for (const value of [hostile, { markup: hostile }, [{ markup: hostile }]]) {
      let page: ReturnType<typeof drawn>;
      try {
        page = drawn(withLeaf(clean, place, value));
      } catch {
        // What cannot be drawn reaches nobody.
        continue;
      }
      pages++;
      for (const text of [page.html, ...page.pictures.values()]) {
        expect(`${text}`, place.join(".")).not.toMatch(
          /<script|http-equiv="refresh|<meta[^>]*http:/,
        );
      }
    }
  }
  expect(pages).toBeGreaterThan(100);
});

/** The places of all values in plain data. */
function leavesOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return Object.entries(value).flatMap(([key, part]) =>
    leavesOf(part).map((rest) => [key, ...rest]),
  );
}

function withLeaf<Value>(whole: Value, place: readonly string[], leaf: unknown): Value {
  const copy = structuredClone(whole);
  const [last = "", ...path] = [...place].reverse();
  // biome-ignore lint/suspicious/noExplicitAny: any place in plain data.
  const parent = path.reverse().reduce((part: any, key) => part[key], copy);
  parent[last] = leaf;
  return copy;
}

test("a study in which all diverged or nothing was wrong has a page too", () => {
  const diverged = draw([{ model: plainCnn, accuracies: [0.1], diverged: "step 9: NaN" }]).html;
  expect(diverged).toContain("cnn on mnist diverged with seed 1");
  expect(diverged).toContain("diverged in epoch 2");
  expect(parseHTML(diverged).document.body.textContent).not.toMatch(/NaN|undefined|Infinity/);
  const perfect = draw([{ model: plainCnn, accuracies: [1] }]);
  expect(perfect.html).toContain("no images");
  expect([...perfect.pictures.keys()].some((name) => name.endsWith(".png"))).toBe(false);
});

test("an image is told with its number, its class and each answer; full confidence is never claimed", () => {
  const images = { width: 1, height: 1, pixels: [5, 6], classNames: ["cat"] };
  const answers = [
    { model: "cnn", predicted: 0, confidence: 0.9999 },
    { model: "mlp", predicted: 3, confidence: 0.251 },
  ];
  expect(toldImage(images, 1, 0, answers)).toMatchObject({
    alt: "test image 1, truly cat",
    labels: ["true: cat", "cnn: cat", ">\u00a099.9\u00a0%", "mlp: 3", "25.1\u00a0%"],
    width: 1,
    height: 1,
  });
  expect(contactSheet([], 3)).toEqual({ width: 0, height: 0, pixels: [] });
});
