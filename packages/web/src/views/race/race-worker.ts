/** The thread in which one of them runs, alone, so that the page stays usable and nothing of it is left afterwards. */
import { contenderOf, heatOf, type Order, type Outcome, type Reply } from "./heats.js";

const thread = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(reply: Reply): void;
};

thread.onmessage = ({ data: order }) => {
  void run(order).then((reply) => thread.postMessage(reply));
};

async function run(order: Order): Promise<Reply> {
  const heat = heatOf(order.heat);
  const { answersOf, timeHeat } = await import("./time-heat.js");
  if (order.kind === "answers") {
    const { referenceRacer } = await import("./hone-racer.js");
    return { kind: "answers", answers: await answersOf(await referenceRacer(heat)) };
  }
  const { maker, backend } = contenderOf(order.contender);
  const outcome = await (maker === "hone"
    ? import("./hone-racer.js").then(({ honeRacer }) => honeRacer(heat, backend))
    : import("./tfjs-racer.js").then(({ tfjsRacer }) => tfjsRacer(heat, backend))
  )
    .then((racer) => timeHeat(racer, heat, order.answers))
    .catch(
      (error: unknown): Outcome => ({
        kind: "cannot",
        reason: (error instanceof Error ? error.message : `${error}`).replace("[hone] ", ""),
      }),
    );
  return { kind: "outcome", outcome };
}
