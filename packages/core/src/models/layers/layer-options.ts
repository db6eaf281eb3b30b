/** The options of a layer: its own, and those that every layer of tfjs takes. */
import { checkOptions, isAnything, type Option } from "../../options.js";

const OF_EVERY_LAYER = [
  ...["name", "trainable", "inputShape", "batchInputShape", "batchSize", "dtype"],
  // tfjs passes the last to what it reads from a file.
  ...["weights", "inputDType", "customObjects"],
];

const anything: Option = { is: isAnything, wanted: "what tfjs takes" };
const common = Object.fromEntries(OF_EVERY_LAYER.map((name) => [name, anything]));

/** @throws BadArgument for an option that neither has, or of the wrong kind */
export function checkLayerOptions(
  where: string,
  given: object,
  own: Readonly<Record<string, Option>>,
): void {
  checkOptions(where, given, { ...common, ...own });
}
