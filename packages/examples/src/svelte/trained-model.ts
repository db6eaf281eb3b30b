/**
 * The same for Svelte: a store that trains a model and then predicts with it, as long as somebody looks at it. A component
 * that uses it as `$training` looks from its first moment to its last; then whatever it is at ends, and the device closes with
 * all it has started.
 */
import {
  compile,
  type Dataset,
  fastest,
  isHoneError,
  type LayersModelLike,
  type Session,
} from "@hone/hone";
import { type Readable, readable } from "svelte/store";

export type Training =
  | { readonly phase: "opening" }
  | { readonly phase: "training"; readonly epoch: number; readonly loss: number }
  | { readonly phase: "ready"; readonly session: Pick<Session, "predict"> }
  | { readonly phase: "failed"; readonly error: unknown };

export function trainedModel(
  model: LayersModelLike,
  data: Dataset,
  epochs: number,
): Readable<Training> {
  return readable<Training>({ phase: "opening" }, (set) => {
    const controller = new AbortController();
    const { signal } = controller;
    const show = (state: Training) => {
      if (!signal.aborted) set(state);
    };
    void (async () => {
      const device = await fastest({ for: model, signal });
      let session: Session<LayersModelLike> | undefined;
      try {
        session = await compile(model, { device, signal });
        for await (const record of session.steps(data, { epochs, signal })) {
          if (record.kind !== "progress") continue;
          show({ phase: "training", epoch: record.epoch, loss: record.losses.at(-1) as number });
        }
        show({ phase: "ready", session });
        // A signal that was set while the last step ended says so no second time.
        if (!signal.aborted)
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
      } finally {
        // It may have gone on on a device of its own, where the first one failed.
        session?.close();
        await device.close();
      }
    })().catch((error: unknown) => {
      if (!isHoneError(error, "Aborted")) show({ phase: "failed", error });
    });
    return () => {
      controller.abort();
      set({ phase: "opening" });
    };
  });
}
