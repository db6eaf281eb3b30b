/** A whole study as one page and as pictures of its own. */
import type { ChartSurroundings } from "../../html/chart.js";
import { greyPng } from "../../html/images.js";
import { htmlPage } from "../../html/page.js";
import type { Section } from "../../html/pieces.js";
import { standaloneSvg } from "../../html/standalone-svg.js";
import { fileStem } from "../file-stem.js";
import type { StudyTime } from "../records.js";
import { mistakesSection, sharedSection } from "./mistake-sections.js";
import {
  aboutSection,
  conclusionsSection,
  curvesSection,
  leadText,
  resultsSection,
  tuningSection,
} from "./result-sections.js";
import { type StudyMaterial, studyCharts } from "./study-charts.js";
import { contactSheet, pictureOf, type TestImages } from "./test-images.js";

export interface StudyPageParts extends StudyMaterial {
  /** Of each data set, by its name. */
  readonly images: ReadonlyMap<string, TestImages>;
  /** What there is to know of each data set before any training. */
  readonly exploration: readonly Section[];
  readonly time: StudyTime;
}

export interface StudyPage {
  readonly html: string;
  /** Files of the main pictures by name: SVG as text, PNG as bytes. */
  readonly pictures: ReadonlyMap<string, string | Uint8Array>;
}

/** Draws everything once, for the page and for the pictures beside it. */
export function studyPage(parts: StudyPageParts, surroundings: ChartSurroundings): StudyPage {
  const { record, figures, images, exploration, time } = parts;
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
    ...exploration,
    ...perDataset,
    tuningSection(charts),
    aboutSection(record, time),
  ].filter((section) => section !== undefined);
  const names = record.settings.datasets.map(({ name }) => name).join(" and ");
  const html = htmlPage({
    title: `CNN and MLP on ${names}`,
    lead: leadText(figures),
    sections,
    foot: `Made by hone study, Hone ${record.version}.`,
  });
  return { html, pictures: picturesOf(parts, charts) };
}

const sheetColumns = 11;

function picturesOf(
  { figures, images }: StudyPageParts,
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
