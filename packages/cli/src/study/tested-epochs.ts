/** Tests after the epochs of a run that is not over: beside its checkpoints, since no checkpoint holds them. */
import { rm } from "node:fs/promises";
import path from "node:path";
import type { StudyEpoch, StudyRunSettings } from "@hone/report";
import { readInputIfThere, textOf } from "../files/read-input.js";
import { hasFields, isAnyNumber, isListOf, isWhole, parseJson } from "../files/shape.js";
import { writeWhole } from "../files/write-whole.js";
import { runName } from "./study-plan.js";

const longest = 2 ** 22;

const isEpochs = isListOf(
  hasFields({
    epoch: isWhole(1),
    loss: isAnyNumber,
    accuracy: isAnyNumber,
    testLoss: isAnyNumber,
    testAccuracy: isAnyNumber,
    seconds: isAnyNumber,
  }),
);

export class TestedEpochs {
  readonly #file: string;

  constructor(folder: string, settings: StudyRunSettings) {
    this.#file = path.join(folder, `${runName(settings)}.json`);
  }

  /** None where there are none, or none that can be used. */
  async read(): Promise<readonly StudyEpoch[]> {
    const options = { kind: "BadData", advice: "Remove it.", longest } as const;
    const bytes = await readInputIfThere(this.#file, options).catch(() => undefined);
    const content = bytes && parseJson(textOf(bytes));
    return isEpochs(content) ? (content as readonly StudyEpoch[]) : [];
  }

  /** @throws nothing: without it the run would only be trained anew */
  async write(epochs: readonly StudyEpoch[]): Promise<void> {
    await writeWhole(this.#file, JSON.stringify(epochs)).catch(() => undefined);
  }

  async end(): Promise<void> {
    await rm(this.#file, { force: true }).catch(() => undefined);
  }
}
