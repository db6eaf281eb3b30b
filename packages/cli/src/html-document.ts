/** The document that charts are drawn into where there is no page. */
import type { ChartSurroundings } from "@hone/report/html";
import { parseHTML } from "linkedom";

/** A fresh, empty document. */
export function htmlDocument(): ChartSurroundings["document"] {
  return parseHTML("<!doctype html><html><body></body></html>").document;
}
