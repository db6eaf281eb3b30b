/** The program that does what the page did, for a page or Node. */
import type { ModelInfo } from "../models/open-site-model.js";
import { extrasOf, type Settings } from "./settings.js";

const MAKERS = { digits: "digits", mnist: "mnist", "fashion-mnist": "fashionMnist" } as const;

export function codeText(settings: Settings, info: ModelInfo, chosen: string): string {
  const { schedule, augment } = extrasOf(settings, info);
  const { data, model, rate, batch, epochs, seed } = settings;
  const maker = model.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const cycle = schedule === "one-cycle";
  const device =
    chosen === "auto"
      ? "await fastest({ for: model })"
      : `await fastest({ for: model, backends: backends().filter(({ name }) => name === "${chosen}") })`;
  const names = [
    "adam",
    ...(chosen === "auto" ? [] : ["backends"]),
    maker,
    "compile",
    MAKERS[data],
  ];
  const imports = [...names, "fastest", ...(cycle ? ["oneCycle"] : [])].sort();
  const options = [
    `epochs: ${epochs}`,
    `batchSize: ${batch}`,
    ...(cycle ? [`learningRate: oneCycle({ peak: ${rate}, epochs: ${epochs} })`] : []),
    ...(augment ? [`augment: { shift: ${augment.shift}, flip: ${augment.flip} }`] : []),
  ];
  return `import { ${imports.join(", ")} } from "@hone/hone";

const { train, test } = await ${MAKERS[data]}();
const model = ${maker}({ seed: ${seed} });
const device = ${device};
const session = await compile(model, {
  device,
  optimizer: adam(${rate}),
  loss: "sparseCategoricalCrossentropy",
  seed: ${seed},
});
await session.fit(train, { ${options.join(", ")} });
console.log((await session.evaluate(test)).accuracy);
`;
}
