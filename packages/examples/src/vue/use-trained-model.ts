/**
 * The same for Vue: a composable that trains a model and then predicts with it, as long as a component is there. Its scope has
 * one signal; whatever it is at when the scope ends, that ends, and the device closes with all it has started.
 */
import {
  compile,
  type Dataset,
  fastest,
  isHoneError,
  type LayersModelLike,
  type Session,
} from "@hone/hone";
import { onScopeDispose, type ShallowRef, shallowRef } from "vue";

export type Training =
  | { readonly phase: "opening" }
  | { readonly phase: "training"; readonly epoch: number; readonly loss: number }
  | { readonly phase: "ready"; readonly session: Pick<Session, "predict"> }
  | { readonly phase: "failed"; readonly error: unknown };

/** What it gives is shallow: Vue must not make proxies of sessions and arrays. */
export function useTrainedModel(
  model: LayersModelLike,
  data: Dataset,
  epochs: number,
): Readonly<ShallowRef<Training>> {
  const training = shallowRef<Training>({ phase: "opening" });
  const controller = new AbortController();
  const { signal } = controller;
  onScopeDispose(() => controller.abort());
  void (async () => {
    const device = await fastest({ for: model, signal });
    let session: Session<LayersModelLike> | undefined;
    try {
      session = await compile(model, { device, signal });
      for await (const record of session.steps(data, { epochs, signal })) {
        if (record.kind !== "progress") continue;
        const { epoch, losses } = record;
        training.value = { phase: "training", epoch, loss: losses.at(-1) as number };
      }
      training.value = { phase: "ready", session };
      // A signal that was set while the last step ended says so no second time.
      if (!signal.aborted)
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
    } finally {
      // It may have gone on on a device of its own, where the first one failed.
      session?.close();
      await device.close();
    }
  })().catch((error: unknown) => {
    if (!isHoneError(error, "Aborted")) training.value = { phase: "failed", error };
  });
  return training;
}
