/** Chooses a backend at run time by measuring, and says why. */

import { untilAborted } from "../abort.js";
import type { Backend, DeviceInfo } from "../backend.js";
import type { SavedModel } from "../run/saved-model.js";
import type { LayersModelLike } from "../trace/tfjs-types.js";
import { messageOf } from "../value-text.js";
import type { Candidate } from "./candidate.js";
import { within } from "./patience.js";
import { checkPicking, type PickOptions } from "./pick-options.js";
import { type PickedDevice, picked } from "./picked-device.js";
import { race } from "./race.js";
import { type Capture, deadlineOf, firstOf, PickRequest, soonestFirst, toldOf } from "./request.js";
import { Runner } from "./runner.js";
import { askAll } from "./start.js";
import { noneReady, noneWorks, refusal } from "./words.js";

/**
 * From fast to slow where nothing can be timed. A GPU emulated in software stands below wasm, since both
 * then run on the same processor and wasm does so without the detour.
 */
const SPEED_ORDER: readonly DeviceInfo["kind"][] = ["gpu", "wasm", "software-gpu", "cpu"];

/** `pickFastest`, for models that `capture` knows and for saved ones. */
export async function pickBy(
  capture: Capture,
  backends: readonly Backend[],
  options: PickOptions,
): Promise<PickedDevice> {
  checkPicking("pickFastest", backends, options);
  const { for: model } = options;
  return model
    ? pickFor(capture, backends, { ...options, for: model })
    : pickByKind(backends, options);
}

async function pickFor(
  capture: Capture,
  backends: readonly Backend[],
  options: PickOptions & { readonly for: LayersModelLike | SavedModel },
): Promise<PickedDevice> {
  const request = new PickRequest("pickFastest", capture, backends, options);
  const known = await request.recalled();
  if (known) return known;

  const begun = await request.begin();
  const { first, work, graph } = begun;
  const measure = async () => {
    const { runners, refused } = await begun.rest();
    const inTurn = [first, ...soonestFirst(runners)];
    const { onProgress } = options;
    const raced = { work, graph, deadline: request.deadline, inUse: first, onProgress };
    const result = await race(inTurn, raced);
    return { ...result, lost: [...result.lost, ...refused] };
  };
  try {
    const { ready, lost, cleanUp } = await untilAborted(measure(), options.signal, "pickFastest");
    const [winner = unmeasured(request, first, lost), ...others] = ready;
    const losers = [first, ...others].filter((runner) => runner !== winner);
    const closing = Promise.all([cleanUp, ...losers.map((runner) => runner.close())]);
    winner.release();
    const isTimed = ready.includes(winner);
    const told = isTimed
      ? request.measured(winner, others, lost)
      : firstOf("pickFastest", winner, lost);
    if (isTimed) await request.keep(winner, told);
    return picked(winner.device, { backends, told: () => told, cleanUp: () => closing });
  } catch (error) {
    void first.close();
    void begun.closeOthers();
    throw error;
  }
}

/** The first that was ready, where time was too short for its own program. @throws BackendUnavailable where it is refused */
function unmeasured({ where, backends }: PickRequest, first: Runner, lost: readonly Candidate[]) {
  const isLate = lost.some(({ name, outcome }) => name === first.name && outcome === "dropped");
  if (isLate) return first;
  throw noneWorks(where, backends, lost);
}

/** The first by kind that opens and computes right; the others stay unopened. */
async function pickByKind(
  backends: readonly Backend[],
  options: PickOptions,
): Promise<PickedDevice> {
  const where = "pickFastest";
  const { signal } = options;
  const deadline = deadlineOf(options);
  const search = new SearchByKind(backends, options);
  const late = () =>
    noneReady(where, backends, deadline?.budgetMs ?? 0, [...search.refused, ...search.busy]);
  try {
    const finding = untilAborted(search.find(), signal, where);
    return await (deadline ? within(finding, deadline.budgetMs, late) : finding);
  } catch (error) {
    search.close();
    throw error;
  }
}

class SearchByKind {
  readonly refused: Candidate[] = [];
  readonly #backends: readonly Backend[];
  readonly #onProgress: PickOptions["onProgress"];
  #runners: readonly Runner[] = [];

  constructor(backends: readonly Backend[], { onProgress }: PickOptions) {
    this.#backends = backends;
    this.#onProgress = onProgress;
  }

  /** Those that may yet work, and how far each has come. */
  get busy(): readonly Candidate[] {
    return this.#runners
      .filter(({ name }) => !this.refused.some((one) => one.name === name))
      .map(({ name, stage }) => ({ name, outcome: "dropped", reason: `it was still ${stage}` }));
  }

  async find(): Promise<PickedDevice> {
    const backends = this.#backends;
    const runners: Runner[] = [];
    for (const { backend, probe } of askAll(backends)) {
      const found = await probe;
      if (found.ok) runners.push(new Runner(backend, found.info.kind, found.hint));
      else this.refused.push(refusal(backend.name, found.reason, found.hint));
    }
    runners.sort((a, b) => SPEED_ORDER.indexOf(a.kind) - SPEED_ORDER.indexOf(b.kind));
    this.#runners = runners;
    for (const [index, runner] of runners.entries()) {
      const { name, kind } = runner;
      this.#onProgress?.(`opening ${name}, and trying it on known answers`);
      try {
        await runner.start();
      } catch (error) {
        this.refused.push(refusal(name, messageOf(error), runner.hint));
        await runner.close();
        continue;
      }
      const others = runners.slice(index + 1).map((other): Candidate => {
        const reason = `a ${other.kind} device ranks below a ${kind} device`;
        return { name: other.name, outcome: "not needed", reason };
      });
      const lost = [...others, ...this.refused];
      const reason = `the first of ${SPEED_ORDER.join(", ")} that works here; by kind, since no model to time was given`;
      const told = toldOf("pickFastest", runner, reason, lost);
      return picked(runner.device, { backends, told: () => told });
    }
    throw noneWorks("pickFastest", backends, this.refused);
  }

  close(): void {
    for (const runner of this.#runners) void runner.close();
  }
}
