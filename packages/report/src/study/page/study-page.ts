/** A whole study as one page and as pictures of its own. */

import { typedErrors } from "@hone/core";
import type { Exploration } from "../../exploration.js";
import { explorationSections } from "../../exploration-page.js";
import {
  type ChartSurroundings,
  greyPng,
  html,
  htmlPage,
  type Section,
  section,
  standaloneSvg,
} from "../../html/kit.js";
import { type MadeOn, madeOnSection } from "../../made-on.js";
import { unbroken } from "../figure-text.js";
import { fileStem } from "../file-stem.js";
import type { StudyTime } from "../records.js";
import { mistakesSection, sharedSection } from "./mistake-sections.js";
import {
  aboutSection,
  conclusionsSection,
  curvesSection,
  leadText,
  resultsOf,
  resultsSection,
  tuningSection,
} from "./result-sections.js";
import { type StudyMaterial, studyCharts } from "./study-charts.js";
import { contactSheet, pictureOf, type TestImages } from "./test-images.js";

export interface StudyPageParts extends StudyMaterial, MadeOn {
  /** Of each data set, by its name. */
  readonly images: ReadonlyMap<string, TestImages>;
  /** Of each data set, before any training. */
  readonly explorations: readonly Exploration[];
  readonly time: StudyTime;
}

export interface StudyPage {
  readonly html: string;
  /** Files of the main pictures by name: SVG as text, PNG as bytes. */
  readonly pictures: ReadonlyMap<string, string | Uint8Array>;
}

/** Draws everything once, for the page and for the pictures beside it. */
export function studyPage(parts: StudyPageParts, surroundings: ChartSurroundings): StudyPage {
  return typedErrors("studyPage", () => {
    const { record, figures, images, explorations, time } = parts;
    const charts = studyCharts(parts, surroundings);
    const perDataset = charts.flatMap((own) => {
      const { dataset } = own;
      const pixels = images.get(dataset);
      return [
        curvesSection(own),
        ...(pixels ? [mistakesSection(own, figures, pixels)] : []),
        ...(pixels ? [sharedSection(record, dataset, figures, pixels)] : []),
      ];
    });
    const sections = [
      conclusionsSection(record, figures),
      resultsSection(parts, charts),
      ...explorations.map((exploration) => dataSection(exploration, surroundings)),
      ...perDataset,
      tuningSection(record, charts),
      aboutSection(record, time),
      ...madeOnSection(parts),
    ].filter((section) => section !== undefined);
    const names = record.settings.datasets.map(({ name }) => name).join(" and ");
    const text = htmlPage({
      kind: "study",
      title: `CNN and MLP on ${names}`,
      results: resultsOf(parts),
      lead: unbroken(leadText(figures)),
      sections,
      foot: `Made by hone study, Hone ${record.version}.`,
    });
    return { html: text, pictures: picturesOf(parts, charts) };
  });
}

/** An exploration's own sections, under one heading. */
function dataSection(exploration: Exploration, surroundings: ChartSurroundings): Section {
  const parts = explorationSections(exploration, surroundings);
  return section(
    `Data: ${exploration.name}`,
    ...parts.flatMap(({ title, content }) => [html`<h3>${title}</h3>`, ...content]),
  );
}

const sheetColumns = 11;

function picturesOf(
  { figures, images, explorations }: StudyPageParts,
  charts: ReturnType<typeof studyCharts>,
): ReadonlyMap<string, string | Uint8Array> {
  const pictures = new Map<string, string | Uint8Array>();
  for (const { dataset, models, tuning, ...own } of charts) {
    const stem = fileStem(dataset);
    pictures.set(`${stem}-accuracy.svg`, standaloneSvg(own.accuracy));
    pictures.set(`${stem}-training-time.svg`, standaloneSvg(own.trainingTime));
    pictures.set(`${stem}-test-accuracy.svg`, standaloneSvg(own.testAccuracy));
    pictures.set(`${stem}-test-loss.svg`, standaloneSvg(own.testLoss));
    for (const { model, confusion } of models) {
      if (confusion) pictures.set(`${stem}-${model}-confusion.svg`, standaloneSvg(confusion));
    }
    for (const { table, chart } of tuning) {
      pictures.set(`${stem}-${table.base}-tuning.svg`, standaloneSvg(chart));
    }
  }
  for (const { name, inputs } of explorations) {
    const found = inputs[0]?.images;
    if (found === undefined) continue;
    const { classes, width, height } = found;
    const sheet = (pixels: readonly (readonly number[])[], columns: number) =>
      greyPng(
        contactSheet(
          pixels.map((one) => ({ width, height, pixels: one })),
          columns,
        ),
      );
    const most = Math.max(...classes.map(({ samples }) => samples.length));
    const blank = new Array<number>(width * height).fill(0);
    const samples = classes.flatMap(({ samples }) =>
      Array.from({ length: most }, (_, index) => samples[index] ?? blank),
    );
    pictures.set(`${fileStem(name)}-samples.png`, sheet(samples, most));
    pictures.set(
      `${fileStem(name)}-means.png`,
      sheet(
        classes.map(({ mean }) => mean),
        classes.length,
      ),
    );
  }
  for (const { dataset, model, confident } of figures.mistakes) {
    const pixels = images.get(dataset);
    if (pixels === undefined || confident.length === 0) continue;
    const sheet = contactSheet(
      confident.map(({ row }) => pictureOf(pixels, row)),
      sheetColumns,
    );
    pictures.set(`${fileStem(dataset)}-${model}-mistakes.png`, greyPng(sheet));
  }
  return pictures;
}
