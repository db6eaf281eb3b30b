/** The named metrics: what they are called, the numbers they are made of, and their figures. */
export { type MetricName, metricOf, type NamedMetric } from "./names.js";
export {
  metricDirection,
  metricJoins,
  metricParts,
  metricValue,
  metricWidth,
} from "./parts.js";
