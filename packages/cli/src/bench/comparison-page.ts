/** The record of a comparison as a page. */
import { benchmarkHtml } from "@hone/report/html";
import { htmlDocument } from "../html-document.js";
import { dateText, machineEntries } from "../machine.js";
import { honeBackends } from "./backends.js";
import { type BenchmarkRecord, remarksOn } from "./comparison.js";

export function comparisonPage(record: BenchmarkRecord): string {
  const { rows, machine, settings, date, hone, complete } = record;
  const { rounds, epochs, quick } = settings;
  const cut = complete ? [] : ["This run was interrupted: rows and rounds are missing."];
  return benchmarkHtml(
    {
      rows,
      hone: honeBackends,
      date: dateText(new Date(date)),
      machine: machineEntries(machine),
      method: [
        `${rounds === 1 ? "1 round" : `${rounds} rounds`}, each row in a fresh process, in turns; every second round turns the order round. Figures are medians over the rounds${quick ? ", of few samples" : ""}.`,
        "Before a row has figures its answer is checked: small problems with known answers, then the first steps and predictions of its own model, against a 64-bit reference. A wrong answer has no figures.",
        "A step is timed from its enqueueing until the device has computed it; predictions are calls of the public API, from floats to floats. The first step counts opening, compiling and loading.",
        ...(epochs > 0
          ? [
              "The time to an accuracy is training time alone, until the first evaluation on the test set that still holds at the next one.",
            ]
          : []),
      ],
      remarks: [...cut, ...remarksOn(record)],
      madeBy: `Made by hone bench ${hone}.`,
    },
    { document: htmlDocument() },
  );
}
