/** The HTML report of a training run. */
import path from "node:path";
import { classNamesOf } from "@hone/core";
import type { TrainingReportRecord, TrainingReportResult } from "@hone/report/html";
import { version } from "../package.json";
import { augmentText } from "./augment-option.js";
import { isSamePlace } from "./files/destination.js";
import { writeWhole } from "./files/write-whole.js";
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
    const text = trainingReportHtml(recordOf(run, tested), { document: htmlDocument() });
    const options = { interim: tested === undefined };
    await folder?.keepText("report.html", text, options);
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
    settings: settingsOf(plan),
    epochs,
    stepLosses: losses,
    ...(tested && { result: resultOf(tested) }),
    ...(classNames && { classNames }),
    madeBy: `Made by hone ${version}.`,
  };
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
