/**
 * What a model computes and how it is judged, as a short text: a checkpoint of one goes on only where it is the same.
 *
 * tfjs counts its layers up over a whole page, so names are no part of it; nor are extents, which may follow from data.
 */
import type { ModelGraph, Template, WeightInfo } from "../graph/template.js";
import type { Term } from "../graph/terms.js";
import type { Attributes } from "../graph/types.js";
import { textHash } from "../text-hash.js";

export function structureOf(
  templates: readonly Template<ModelGraph>[],
  weights: readonly WeightInfo[],
  terms: readonly Term[],
): string {
  return textHash(
    JSON.stringify([
      weights.map(({ shape, role, trainable }) => [shape, role, trainable]),
      templates.map(({ two: { graph, penalties } }) => [
        graph.nodes.map(({ op, attributes }) => [op, settings(attributes)]),
        penalties.length,
      ]),
      terms.map(({ output, loss, weight, metrics }) => [
        output !== undefined,
        loss,
        weight,
        metrics.map(({ metric }) => metric),
      ]),
    ]),
  );
}

/** Attributes that are no extents. */
function settings(attributes: Attributes): unknown[] {
  return Object.entries(attributes).filter(([, value]) => typeof value !== "object");
}
