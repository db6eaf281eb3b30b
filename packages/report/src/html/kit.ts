/** The kit that pages are made with: pieces and charts. */

export type { Axis } from "./axis.js";
export { type BarChartSpec, type BarSeries, barChart } from "./bar-chart.js";
export type { Chart, ChartDocument, ChartSurroundings, LegendEntry } from "./chart.js";
export { type ConfusionSpec, confusionChart } from "./confusion-chart.js";
export { type DotPlotSpec, type DotRow, dotPlot } from "./dot-plot.js";
export { type HeatmapSpec, heatmap } from "./heatmap.js";
export { type Bin, evenBins, type HistogramSpec, histogram } from "./histogram.js";
export {
  type GreyImage,
  type GridImage,
  greyPng,
  type ImageGridOptions,
  imageGrid,
  pngAddress,
} from "./images.js";
export { type LineChartSpec, lineChart, type Series, thinSeries } from "./line-chart.js";
export { html, type Markup, type MarkupValue } from "./markup.js";
export { htmlPage, type Page } from "./page.js";
export type { Tone } from "./palette.js";
export {
  type Cell,
  type DataTable,
  dataTable,
  definitionList,
  details,
  type FigureOptions,
  figure,
  figureRow,
  foldedSection,
  note,
  paragraph,
  preformatted,
  type ResultFigure,
  resultFigures,
  type Section,
  section,
  type TableColumn,
} from "./pieces.js";
export { standaloneSvg } from "./standalone-svg.js";
