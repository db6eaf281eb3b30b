/** The HTML report of a training run, and its model card. */
import path from "node:path";
import { classNamesOf } from "@hone/core";
import {
  type ModelLayer,
  modelCard,
  type TrainingReportRecord,
  type TrainingReportResult,
} from "@hone/report";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { version } from "../package.json";
import { augmentText } from "./augment-option.js";
import { isSamePlace } from "./files/destination.js";
import { writeWhole } from "./files/write-whole.js";
import { dateText, machineEntries, thisMachine } from "./machine.js";
import type { TrainingPlan } from "./training-plan.js";
import type { EpochResult, RunHeader, TrainingResult } from "./training-report.js";

/** A run as far as it has come. */
export interface TrainingPageRun {
  readonly header: RunHeader;
  readonly plan: TrainingPlan;
  readonly validationRows: number;
  readonly epochs: readonly EpochResult[];
  readonly losses: readonly number[];
}

/** What was found by testing, beside what `--json` has. */
type Tested = TrainingResult & Pick<TrainingReportResult, "perClass" | "mistakes">;

export interface TrainingPages {
  /**
   * After an epoch: writes the page, unless pages would then take more than a twentieth of the time.
   * @throws BadArgument when it cannot be written
   */
  epoch(run: TrainingPageRun): Promise<void>;
  /** After testing: writes the whole page. @throws BadArgument */
  end(run: TrainingPageRun, tested: Tested): Promise<void>;
}

const timeShare = 1 / 20;

/**
 * The HTML files of a run: beside the model, and where else one was asked for. Loads the libraries that
 * draw them, unless there are none.
 */
export async function openTrainingPages({ folder, report }: TrainingPlan): Promise<TrainingPages> {
  const own = folder && path.join(folder.path, "report.html");
  const same = report === undefined || (own !== undefined && (await isSamePlace(own, report)));
  const further = same ? undefined : report;
  if (folder === undefined && further === undefined) {
    return { epoch: async () => {}, end: async () => {} };
  }
  const [{ trainingReportHtml }, { htmlDocument }] = await Promise.all([
    import("@hone/report/html"),
    import("./html-document.js"),
  ]);
  const write = async (run: TrainingPageRun, tested?: Tested) => {
    const record = recordOf(run, tested);
    const text = trainingReportHtml(record, { document: htmlDocument() });
    const options = { interim: tested === undefined };
    await folder?.keepText("report.html", text, options);
    await folder?.keepText("MODEL-CARD.md", modelCard(record), options);
    if (further !== undefined) await writeWhole(further, text, options);
  };
  let dueMs = 0;
  return {
    async epoch(run) {
      const started = performance.now();
      if (started < dueMs) return;
      await write(run);
      const ended = performance.now();
      dueMs = ended + (ended - started) / timeShare;
    },
    end: write,
  };
}

function recordOf(run: TrainingPageRun, tested: Tested | undefined): TrainingReportRecord {
  const { header, plan, validationRows, epochs, losses } = run;
  const { test } = plan;
  const classNames = classNamesOf(test);
  return {
    model: header.model,
    parameters: plan.model.countParams(),
    dataset: header.dataset,
    synthetic: test.synthetic ?? false,
    rows: { training: header.train.rows, validation: validationRows, test: test.rows },
    device: header.device,
    why: header.why,
    candidates: plan.candidates,
    machine: machineEntries(thisMachine()),
    date: dateText(new Date()),
    layers: layersOf(plan.model),
    settings: settingsOf(plan),
    epochs,
    stepLosses: losses,
    ...(tested && { result: resultOf(tested) }),
    ...(classNames && { classNames }),
    madeBy: `Made by hone ${version}.`,
  };
}

/** Nested models are one layer each, as their model's own summary has them. */
function layersOf({ layers }: LayersModel): ModelLayer[] {
  return layers.map((layer) => ({
    name: layer.name,
    kind: layer.getClassName(),
    shape: shapeText(layer),
    parameters: layer.countParams(),
  }));
}

/** Of the first place where a layer is used; of an output that is a list, all of its shapes. */
function shapeText(layer: LayersModel["layers"][number]): string {
  const [node] = layer.inboundNodes;
  return (node?.outputShapes ?? [])
    .map((shape) =>
      (shape as (number | null)[])
        .slice(1)
        .map((size) => size ?? "?")
        .join(" × "),
    )
    .join(", ");
}

function settingsOf(plan: TrainingPlan) {
  const { epochs, batchSize, seed, validation, optimizer, schedule, augment } = plan;
  return {
    epochs,
    "batch size": batchSize,
    optimizer: optimizer?.kind ?? "the model's own",
    ...(optimizer && { "learning rate": `${optimizer.learningRate}` }),
    ...(schedule !== undefined && schedule !== "constant" && { schedule }),
    ...(augment && { augmentation: augmentText(augment) }),
    seed,
    ...(validation > 0 && { validation }),
  };
}

function resultOf(tested: Tested): TrainingReportResult {
  const { test, perClass, imagesPerSecond, mistakes } = tested;
  return {
    ...test,
    perClass,
    imagesPerSecond,
    ...(mistakes && { mistakes }),
  };
}
