/** An exploration as sections of a page. */
import { typedErrors } from "@hone/core";
import type {
  Exploration,
  ExploredColumn,
  ExploredImages,
  ExploredInput,
  ExploredLabels,
} from "./exploration.js";
import { columnRows, isPlain, shapeText, valueLines } from "./exploration-text.js";
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
  type ResultFigure,
  type Section,
  section,
} from "./html/kit.js";
import { type MadeOn, madeOnSection } from "./made-on.js";
import { numberText, percentText } from "./numbers.js";

/** How a page about a data set was made. */
export interface ExplorationMade extends MadeOn {
  /** The last line. */
  readonly madeBy?: string;
}

/** A page about one data set. */
export function explorationHtml(
  exploration: Exploration,
  surroundings: ChartSurroundings,
  made: ExplorationMade = {},
): string {
  return typedErrors("explorationHtml", () => {
    const { name, parts } = exploration;
    return htmlPage({
      kind: "data set",
      title: `Data set ${name}`,
      results: resultsOf(exploration),
      lead: `${parts.map((part) => `${numberText(part.rows)} ${part.name}`).join(" and ")} rows, as they are before any training.`,
      sections: [...explorationSections(exploration, surroundings), ...madeOnSection(made)],
      ...(made.madeBy !== undefined && { foot: made.madeBy }),
    });
  });
}

/** How much there is, and of what. */
function resultsOf({ parts, labels, inputs }: Exploration): ResultFigure[] {
  const classes = labels.find(({ classNames }) => classNames.length > 0);
  const [input] = inputs;
  return [
    ...parts.map(({ name, rows }) => ({ label: `${name} rows`, value: numberText(rows) })),
    ...(classes ? [{ label: "classes", value: numberText(classes.classNames.length) }] : []),
    ...(input ? [{ label: "a row", value: shapeText(input, " × ") }] : []),
  ];
}

/** Samples, classes, values and mean pictures: what any page about a data set can hold. */
export function explorationSections(
  exploration: Exploration,
  surroundings: ChartSurroundings,
): readonly Section[] {
  return typedErrors("explorationSections", () => {
    const { synthetic, inputs, labels, parts } = exploration;
    const plain = isPlain(exploration);
    const heading = (what: string, { name }: ExploredColumn) =>
      plain ? what : `${what} of ${name}`;
    const drawn = synthetic
      ? note("These images are synthetic: drawn by code, not by hand.")
      : undefined;
    const rows = parts.map(({ name, rows }) => `${numberText(rows)} ${name}`).join(", ");
    return [
      ...(plain
        ? []
        : [
            section(
              "Columns",
              drawn,
              definitionList({ rows, from: exploration.source }),
              dataTable({
                columns: ["column", "role", "kind", "shape of a row"],
                rows: columnRows(exploration).map((row) => Object.values(row)),
              }),
            ),
          ]),
      ...inputs.map((input) =>
        section(
          heading("Values", input),
          plain ? drawn : undefined,
          definitionList({
            ...(plain && { rows }),
            "shape of a row": shapeText(input, " × "),
            from: plain ? exploration.source : undefined,
            ...Object.fromEntries(
              Object.entries(valueLines(input.values)).map(([head, text]) => [
                head.toLowerCase(),
                text,
              ]),
            ),
          }),
          valueCharts(input, surroundings),
        ),
      ),
      ...labels
        .filter(({ classNames }) => classNames.length > 0)
        .map((column) =>
          section(heading("Classes", column), classFigures(column, parts, surroundings)),
        ),
      ...inputs.flatMap((input) =>
        input.images ? imageSections(input.images, (what) => heading(what, input)) : [],
      ),
    ];
  });
}

function valueCharts({ values, images }: ExploredInput, surroundings: ChartSurroundings): Markup {
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

function classFigures(
  { classNames, classCounts }: ExploredLabels,
  parts: Exploration["parts"],
  surroundings: ChartSurroundings,
): Markup {
  const counts = parts.map(({ name }, part) => ({ name, values: classCounts[part] ?? [] }));
  const chart = barChart(
    {
      title: "Images of each class",
      categories: classNames,
      series: counts,
      value: { label: "images" },
    },
    surroundings,
  );
  const shares = parts.map(({ rows }, part) => classCounts[part]?.map((count) => count / rows));
  const table = dataTable({
    columns: [
      "class",
      ...parts.flatMap(({ name }) => [name, { head: "share", text: percentText }]),
    ],
    rows: classNames.map((label, index) => [
      label,
      ...parts.flatMap((_, part) => [classCounts[part]?.[index], shares[part]?.[index]]),
    ]),
  });
  return figureRow(figure(chart), table);
}

function imageSections(
  { width, height, classes }: ExploredImages,
  heading: (what: string) => string,
): readonly Section[] {
  const size = { width, height };
  const rows = classes
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, samples }) => {
      const images = samples.map((pixels, index) => ({
        ...size,
        pixels,
        alt: `${name}, sample ${index + 1}`,
      }));
      return imageGrid(images, { title: name || "Samples", size: 64 });
    });
  const means = classes.map(({ name, mean }) => ({
    ...size,
    pixels: mean,
    alt: `mean of ${name}`,
    labels: [name],
  }));
  return [
    section(
      heading("Samples"),
      paragraph("The first training images of each class."),
      figureRow(...rows),
    ),
    section(
      heading("Mean of each class"),
      paragraph("How sharp a mean is shows how much its images have in common."),
      imageGrid(means, { size: 84 }),
    ),
  ];
}
