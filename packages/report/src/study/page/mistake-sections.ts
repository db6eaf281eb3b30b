/** What the models got wrong, in matrices, tables and pictures. */
import {
  dataTable,
  figure,
  figureRow,
  html,
  imageGrid,
  type Markup,
  paragraph,
  type Section,
  section,
} from "../../html/kit.js";
import { numberText, percentText } from "../../numbers.js";
import type { Predictions } from "../predictions.js";
import type { StudyRecord } from "../records.js";
import type { ModelMistakes, PairMistakes, StudyFigures } from "../study-figures.js";
import { predictionsOf } from "../study-figures.js";
import { runsOf } from "../summaries.js";
import type { DatasetCharts } from "./study-charts.js";
import { type TestImages, toldImage } from "./test-images.js";

const pictureSize = 84;
/** As many as stand in one line of a wide page. */
const picturesOfAKind = 11;

/** Of each model: confusion matrix, most confused pairs, the most confident mistakes. */
export function mistakesSection(
  charts: DatasetCharts,
  figures: StudyFigures,
  images: TestImages,
): Section {
  const { dataset } = charts;
  const models = figures.mistakes.filter((one) => one.dataset === dataset);
  return section(
    `Mistakes on ${dataset}`,
    models.map((mistakes) => {
      const chart = charts.models.find(({ model }) => model === mistakes.model)?.confusion;
      const answers = mistakes.confusion.flat().reduce((sum, count) => sum + count, 0);
      const caption = `${numberText(answers)} answers, of all seeds together: their number, and where there is room percent of the row.`;
      return html`<h3>${mistakes.model} on ${dataset}</h3>
${figureRow(...(chart ? [figure(chart, { caption })] : []), pairTable(mistakes, images))}${confidentMistakes(mistakes, images)}`;
    }),
  );
}

function pairTable({ pairs, model }: ModelMistakes, { classNames }: TestImages): Markup {
  const name = (index: number) => classNames[index] ?? `${index}`;
  if (pairs.length === 0) return paragraph(`${model} mixes no classes up.`);
  return dataTable({
    caption: `Most confused pairs of ${model}, all seeds together`,
    columns: ["true class", "taken for", "images", { head: "of its class", text: percentText }],
    rows: pairs.map(({ truth, predicted, count, share }) => [
      name(truth),
      name(predicted),
      count,
      share,
    ]),
  });
}

function confidentMistakes(
  { model, seed, mistakes, confident }: ModelMistakes,
  images: TestImages,
): Markup {
  return imageGrid(
    confident.map(({ row, truth, predicted, confidence }) =>
      toldImage(images, row, truth, [{ model, predicted, confidence }]),
    ),
    {
      title: `Mistakes that ${model} is surest of`,
      ...(mistakes > 0 && {
        caption: `${numberText(confident.length)} of ${numberText(mistakes)} with seed ${seed}, with true class, answer and confidence.`,
      }),
      size: pictureSize,
    },
  );
}

/** Which images two models get wrong together, and which alone. */
export function sharedSection(
  record: StudyRecord,
  dataset: string,
  figures: StudyFigures,
  images: TestImages,
): Section | undefined {
  const pairs = figures.shared.filter((pair) => pair.dataset === dataset);
  if (pairs.length === 0) return undefined;
  return section(
    `Shared mistakes on ${dataset}`,
    pairs.map((pair) => [sharedTable(pair), ...sharedPictures(record, pair, images)]),
  );
}

function sharedTable(pair: PairMistakes): Markup {
  const { first, second, dataset, seeds, bothWrong, sameAnswer, expectedBothWrong } = pair;
  // Means of few images keep a decimal.
  const count = (value: number) =>
    value < 100 && !Number.isInteger(value) ? value.toFixed(1) : numberText(Math.round(value));
  const many = seeds.length > 1 ? `means over seeds ${seeds.join(", ")}` : `seed ${seeds[0]}`;
  const chance = `Were their mistakes independent, both would be wrong on ${count(expectedBothWrong)} images; they are on ${count(bothWrong)}, and give the same wrong answer on ${count(sameAnswer)} of those.`;
  return html`<h3>${first} and ${second} on ${dataset}</h3>${dataTable({
    caption: `Test images, ${many}`,
    columns: [
      "",
      { head: `${second} is right`, align: "right", text: count },
      { head: `${second} is wrong`, align: "right", text: count },
    ],
    rows: [
      [`${first} is right`, pair.bothRight, pair.onlySecondWrong],
      [`${first} is wrong`, pair.onlyFirstWrong, bothWrong],
    ],
  })}${paragraph(chance)}`;
}

function sharedPictures(
  record: StudyRecord,
  { dataset, first, second, seeds, rows }: PairMistakes,
  images: TestImages,
): readonly Markup[] {
  const [seed] = seeds;
  const labels = record.tests.find(({ name }) => name === dataset)?.labels ?? [];
  const answers = [first, second].map((model) => {
    const run = runsOf(record.runs, dataset, model).find(({ settings }) => settings.seed === seed);
    return { model, predictions: (run && predictionsOf(run)) as Predictions };
  });
  const grid = (title: string, chosen: readonly number[]) =>
    imageGrid(
      spread(chosen, picturesOfAKind).map((row) =>
        toldImage(
          images,
          row,
          labels[row] as number,
          answers.map(({ model, predictions }) => ({
            model,
            predicted: predictions.classes[row] as number,
            confidence: predictions.confidence[row] as number,
          })),
        ),
      ),
      {
        title,
        ...(chosen.length > 0 && {
          caption: `${Math.min(picturesOfAKind, chosen.length)} of ${numberText(chosen.length)} with seed ${seed}.`,
        }),
        size: pictureSize,
      },
    );
  return [
    grid(`Both wrong: ${first} and ${second}`, rows.bothWrong),
    grid(`Only ${first} wrong`, rows.onlyFirstWrong),
    grid(`Only ${second} wrong`, rows.onlySecondWrong),
  ];
}

/** Evenly over the whole list, so that one corner of a test set does not stand for all. */
function spread(rows: readonly number[], most: number): readonly number[] {
  if (rows.length <= most) return rows;
  return Array.from(
    { length: most },
    (_, index) => rows[Math.floor((index * rows.length) / most)] as number,
  );
}
