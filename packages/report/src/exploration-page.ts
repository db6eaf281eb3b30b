/** An exploration as sections of a page. */
import type { Exploration, ExploredImages } from "./exploration.js";
import { valueLines } from "./exploration-text.js";
import {
  barChart,
  type ChartSurroundings,
  dataTable,
  definitionList,
  evenBins,
  figure,
  figureRow,
  histogram,
  htmlPage,
  imageGrid,
  type Markup,
  note,
  paragraph,
  type Section,
  section,
} from "./html/kit.js";
import { numberText, percentText } from "./numbers.js";

/** A page about one data set. @param madeBy the last line */
export function explorationHtml(
  exploration: Exploration,
  surroundings: ChartSurroundings,
  madeBy?: string,
): string {
  const { name, parts } = exploration;
  return htmlPage({
    title: `Data set ${name}`,
    lead: `${parts.map((part) => `${numberText(part.rows)} ${part.name}`).join(" and ")} rows, as they are before any training.`,
    sections: explorationSections(exploration, surroundings),
    ...(madeBy !== undefined && { foot: madeBy }),
  });
}

/** Samples, classes, values and mean pictures: what any page about a data set can hold. */
export function explorationSections(
  exploration: Exploration,
  surroundings: ChartSurroundings,
): readonly Section[] {
  const { images, synthetic, classNames } = exploration;
  return [
    section(
      "Values",
      synthetic ? note("These images are synthetic: drawn by code, not by hand.") : undefined,
      definitionList({
        rows: exploration.parts.map(({ name, rows }) => `${numberText(rows)} ${name}`).join(", "),
        "shape of a row": exploration.shape.join(" × ") || "one value",
        from: exploration.source,
        ...Object.fromEntries(
          Object.entries(valueLines(exploration.values)).map(([head, text]) => [
            head.toLowerCase(),
            text,
          ]),
        ),
      }),
      valueCharts(exploration, surroundings),
    ),
    ...(classNames.length > 0 ? [classSection(exploration, surroundings)] : []),
    ...(images ? imageSections(images) : []),
  ];
}

function valueCharts({ values, images }: Exploration, surroundings: ChartSurroundings): Markup {
  const { from, to, counts } = values.histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const chart = histogram(
    {
      title: "How often each value occurs",
      x: { label: images ? "stored value of a pixel" : "stored value" },
      y: { label: "share of all values", percent: true, scale: "log" },
      bins: evenBins(
        counts.map((count) => count / total),
        from,
        to,
      ),
    },
    surroundings,
  );
  const pictures =
    images && imageGrid(overallPictures(images), { size: 140, title: "All training images" });
  return figureRow(
    figure(chart, {
      caption: `On a logarithmic axis, since ${percentText(values.zeroShare)} are zero.`,
    }),
    ...(pictures ? [pictures] : []),
  );
}

function overallPictures({ width, height, mean, variance }: ExploredImages) {
  const most = Math.max(...variance);
  const brightness = variance.map((value) => (value / most) * 255);
  return [
    { width, height, pixels: mean, alt: "the mean of each pixel", labels: ["mean"] },
    {
      width,
      height,
      pixels: brightness,
      alt: "the variance of each pixel",
      labels: ["variance", `0 to ${numberText(most)}`],
    },
  ];
}

function classSection(
  { classNames, parts }: Exploration,
  surroundings: ChartSurroundings,
): Section {
  const counts = parts.map(({ name, classCounts }) => ({ name, values: classCounts }));
  const chart = barChart(
    {
      title: "Images of each class",
      categories: classNames,
      series: counts,
      value: { label: "images" },
    },
    surroundings,
  );
  const shares = parts.map(({ classCounts, rows }) => classCounts.map((count) => count / rows));
  const table = dataTable({
    columns: [
      "class",
      ...parts.flatMap(({ name }) => [name, { head: "share", text: percentText }]),
    ],
    rows: classNames.map((label, index) => [
      label,
      ...parts.flatMap(({ classCounts }, part) => [classCounts[index], shares[part]?.[index]]),
    ]),
  });
  return section("Classes", figureRow(figure(chart), table));
}

function imageSections({ width, height, classes }: ExploredImages): readonly Section[] {
  const size = { width, height };
  const rows = classes
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, samples }) => {
      const images = samples.map((pixels, index) => ({
        ...size,
        pixels,
        alt: `${name}, sample ${index + 1}`,
      }));
      return imageGrid(images, { title: name || "Samples" });
    });
  const means = classes.map(({ name, mean }) => ({
    ...size,
    pixels: mean,
    alt: `mean of ${name}`,
    labels: [name],
  }));
  return [
    section("Samples", paragraph("The first training images of each class."), figureRow(...rows)),
    section(
      "Mean of each class",
      paragraph("How sharp a mean is shows how much its images have in common."),
      imageGrid(means, { size: 84 }),
    ),
  ];
}
