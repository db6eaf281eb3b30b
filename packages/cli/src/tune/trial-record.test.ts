import { expect, test } from "vitest";
import { readRecord, type TrialRecord } from "./trial-record.js";

const judged = { validationAccuracy: 0.9, validationLoss: 0.4 };
const record = {
  ...{ trial: 3, epochs: 1, settings: "abc", configuration: { dropout: 0.5 } },
  outcome: {
    status: "finished",
    ...judged,
    seeds: [{ seed: 1, ...judged, epochs: [{ epoch: 1, loss: 0.5, accuracy: 0.8, ...judged }] }],
  },
  run: { device: "cpu", threads: 1, trainingSeconds: 2, imagesPerSecond: 10, finishedAt: "now" },
} satisfies TrialRecord;

/** Every place in a value, as a path. */
function placesIn(value: unknown): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [
    [key],
    ...placesIn((value as Record<string | number, unknown>)[key]).map((rest) => [key, ...rest]),
  ]);
}

test("a record with anything of another kind at any of its places is at fault", () => {
  expect(readRecord(JSON.stringify(record))).toEqual(record);
  const places = placesIn(record).filter((place) => place[0] !== "configuration");
  expect(places.length).toBe(25);
  for (const place of places) {
    for (const wrong of [null, { markup: "<meta>" }, [[]], -1e9, undefined]) {
      const damaged = structuredClone(record) as unknown as Record<string | number, unknown>;
      const last = place.at(-1) as string;
      const parent = place.slice(0, -1).reduce((at, name) => at[name] as typeof at, damaged);
      // A loss may be any number.
      if (/loss$/i.test(last) && typeof wrong === "number") continue;
      parent[last] = wrong;
      expect(readRecord(JSON.stringify(damaged)), `${place.join(".")} ${wrong}`).toHaveProperty(
        "fault",
      );
    }
  }
});

test("shares beyond one, and fewer epochs than the trial's, are at fault", () => {
  const much = structuredClone(record);
  much.outcome.validationAccuracy = 1.5;
  expect(readRecord(JSON.stringify(much))).toHaveProperty("fault");
  const few = { ...record, epochs: 2 };
  expect(readRecord(JSON.stringify(few))).toHaveProperty("fault");
  expect(readRecord("{")).toEqual({ fault: "it is cut off, or no JSON" });
});
