/** The reports as people meet them: on a phone and on a desk, in light and dark, by keyboard and screen reader. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { digits } from "@hone/data";
import { exploreDataset, tuningEffects } from "@hone/report";
import {
  benchmarkHtml,
  explorationHtml,
  studyPage,
  trainingReportHtml,
  tuningReportHtml,
} from "@hone/report/html";
import axe from "axe-core";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { studyFigures } from "../packages/report/src/study/study-figures.js";
import {
  endingIn,
  plainCnn,
  smallStudy,
  tunedCnn,
  variantCnn,
} from "../packages/report/src/study/test/small-study.js";
import { launchChromium } from "./browser.mjs";
import { root } from "./bundle-plugin.mjs";

const surroundings = () => parseHTML("<!doctype html><html><body></body></html>");
const madeBy = "Made by hone.";
const date = "2026-11-30 18:16 UTC";
const machine = { processor: "A processor with a long name at 2.4 GHz", cores: 2 };
const classNames = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"].flatMap((name) => [
  name,
  `${name}, of another kind`,
]);
const confusion = classNames.map((_, row) =>
  classNames.map((_name, column) => (row === column ? 900 + row : (7 * row + column) % 60)),
);

function trainingPage() {
  const epochs = Array.from({ length: 5 }, (_, index) => ({
    epoch: index + 1,
    loss: 2 / (index + 1),
    accuracy: 0.5 + index / 10,
    validationLoss: 2.2 / (index + 1),
    validationAccuracy: 0.4 + index / 10,
    seconds: 3.5,
  }));
  const mistake = { truth: 1, predicted: 2, confidence: 0.75, pixels: [0, 80, 160, 240] };
  return trainingReportHtml(
    {
      model: "cnn",
      parameters: 113_386,
      dataset: "fashion-mnist",
      synthetic: true,
      rows: { training: 54_000, validation: 6000, test: 10_000 },
      device: "wasm: WASM relaxed SIMD, 2 threads",
      why: "it was the fastest",
      candidates: [
        {
          name: "wasm",
          outcome: "chosen",
          reason: "2.5 ms a step after 0.2 s to open and compile",
          figures: { stepMs: 2.5, totalMs: 12_000 },
        },
        {
          name: "cpu",
          outcome: "dropped",
          reason: "200 s at the least",
          figures: { totalMs: 2e5 },
        },
        { name: "webgpu", outcome: "refused", reason: "no Vulkan loader (libvulkan.so.1)" },
      ],
      settings: { epochs: 5, optimizer: "adam", "learning rate": "0.001", seed: 1 },
      layers: [{ name: "conv2d_1", kind: "Conv2D", shape: "26 × 26 × 32", parameters: 320 }],
      machine,
      date,
      epochs,
      stepLosses: Array.from({ length: 900 }, (_, step) => 2.3 * 0.997 ** step),
      classNames,
      result: {
        loss: 0.3,
        accuracy: 0.9,
        confusion,
        perClass: classNames.map(() => ({ precision: 0.9, recall: 0.875, support: 1000 })),
        imagesPerSecond: 24_692,
        mistakes: {
          width: 2,
          height: 2,
          total: 9,
          shown: Array.from({ length: 9 }, (_, row) => ({ ...mistake, row })),
        },
      },
      madeBy,
    },
    surroundings(),
  );
}

async function benchmarkPage() {
  const file = path.join(root, "benchmarks/recorded/bench-mnist.json");
  const { rows } = JSON.parse(await readFile(file, "utf8"));
  const remarks = ["1 round is too few to tell engines apart that are close."];
  return benchmarkHtml(
    { rows, hone: ["wasm", "webgpu", "cpu"], machine, date, method: ["By hand."], remarks, madeBy },
    surroundings(),
  );
}

function tuningPage() {
  const scores = [0.88, 0.8667, 0.86, 0.84, 0.4733, 0.4267, 0.2467, 0.2067];
  const of = (index) => ({
    units: index % 2 === 0 ? [128, 64] : [256, 128],
    dropout: index % 3 === 0 ? 0.5 : 0.3,
    learningRate: index < 4 ? 0.001 : 0.0001,
  });
  return tuningReportHtml(
    {
      model: "mlp",
      dataset: "digits",
      synthetic: true,
      settings: { search: "random", trials: 8, "SHA-256 of the training images": "ab".repeat(32) },
      trials: scores.map((score, index) => ({
        trial: index + 1,
        epochs: 2,
        configuration: Object.fromEntries(
          Object.entries(of(index)).map(([name, value]) => [name, `${value}`]),
        ),
        validationAccuracies: [score],
        validationLoss: 1 - score,
        reason: null,
      })),
      effects: tuningEffects(scores.map((score, index) => ({ configuration: of(index), score }))),
      effectsEpochs: 2,
      winner: {
        trial: 1,
        validationAccuracy: 0.88,
        accuracy: 0.806,
        loss: 0.9961,
        images: 1000,
        seeds: 1,
        confusion,
      },
      classNames,
      madeBy,
    },
    surroundings(),
  );
}

function studyText() {
  const record = smallStudy([
    { model: plainCnn, seed: 1, accuracies: endingIn(0.99, 0.99, 0.991), classes: "1000111222" },
    { model: plainCnn, seed: 2, accuracies: endingIn(0.99, 0.99, 0.992), classes: "0000111221" },
    { model: tunedCnn, seed: 1, accuracies: endingIn(0.98, 0.98, 0.98), seconds: 9 },
    { model: variantCnn, seed: 1, accuracies: endingIn(0.995, 0.995, 0.995) },
  ]);
  const pixels = Uint8Array.from({ length: 40 }, (_, index) => 6 * index);
  const images = new Map([["mnist", { width: 2, height: 2, pixels, classNames: ["0", "1", "2"] }]]);
  const [wallSeconds, trainingSeconds, testingSeconds] = [110, 100, 5];
  const time = { wallSeconds, trainingSeconds, testingSeconds, overhead: 1.1, runs: 4 };
  const parts = {
    record,
    figures: studyFigures(record),
    images,
    explorations: [],
    time,
    machine,
    date,
  };
  return studyPage(parts, surroundings()).html;
}

const pages = {
  training: trainingPage,
  benchmark: benchmarkPage,
  tuning: tuningPage,
  exploration: async () =>
    explorationHtml(exploreDataset(await digits()), surroundings(), { madeBy, machine, date }),
  study: studyText,
};

/** In the page: what reaches beyond it, and texts of a chart that lie upon each other or are cut off. */
function faultsOfLayout() {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const width = document.documentElement.clientWidth;
  const faults = [];
  if (document.documentElement.scrollWidth > width) {
    faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
  }
  for (const element of document.querySelectorAll("body *")) {
    const { left, right, width: own } = element.getBoundingClientRect();
    if (own === 0 || element.parentElement.closest(".scroll, svg") !== null) continue;
    if (left < -1 || right > width + 1) {
      faults.push(`${element.localName}.${element.className} reaches from ${left} to ${right}`);
    }
  }
  for (const chart of document.querySelectorAll("svg.chart")) {
    const bounds = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll("text")]
      .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect(), text_: text }))
      .filter(({ box, text_ }) => box.width > 0 && !/rotate/.test(text_.getAttribute("transform")));
    for (const [index, one] of texts.entries()) {
      const { box } = one;
      if (box.left < bounds.left - 1 || box.right > bounds.right + 1) {
        faults.push(`"${one.text}" leaves its chart`);
      }
      for (const other of texts.slice(index + 1)) {
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        // Lines of text stand closer than their boxes are high.
        if (across > 0.5 && down > 0.3 * box.height) {
          faults.push(`"${one.text}" lies upon "${other.text}"`);
        }
      }
    }
  }
  return faults;
}

if (process.env.HONE_TEST_BROWSER !== "off") {
  let browser;
  beforeAll(async () => {
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => browser?.close());

  // The long form looks at all of them.
  const soak = process.env.HONE_SOAK === "1";
  test.each(soak ? Object.keys(pages) : ["training", "benchmark"])(
    "the page of %s fits a phone and a desk, and has no serious fault of access",
    async (name) => {
      const text = await pages[name]();
      for (const colorScheme of ["light", "dark"]) {
        // The page's own policy would keep the checker out.
        const context = await browser.newContext({ bypassCSP: true, colorScheme });
        const page = await context.newPage();
        await page.setContent(text);
        for (const width of colorScheme === "light" ? [1280, 360] : [360]) {
          await page.setViewportSize({ width, height: 800 });
          expect(await page.evaluate(faultsOfLayout), `${width} pixels`).toEqual([]);
        }
        await page.evaluate(axe.source);
        // Nothing but its colours is another in the dark.
        const { violations, passes } = await page.evaluate(
          (only) => globalThis.axe.run(document, only),
          colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {},
        );
        const serious = violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
        expect(serious, colorScheme).toEqual([]);
        expect(passes.map(({ id }) => id)).toContain("color-contrast");
        await context.close();
      }
    },
    120_000,
  );
}
