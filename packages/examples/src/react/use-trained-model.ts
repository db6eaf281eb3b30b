/**
 * A React hook that trains a model and then predicts with it, as long as a component is mounted.
 *
 * The effect has one signal: whatever it is at when the component goes (StrictMode mounts twice, hot reload many times),
 * that ends, and the device closes with all it has started. Give it a model and data that stay the same from one render to
 * the next (module constants, useMemo); others begin a training of their own.
 */
import {
  compile,
  type Dataset,
  fastest,
  isHoneError,
  type LayersModelLike,
  type Session,
} from "@hone/hone";
import { useEffect, useState } from "react";

export type Training =
  | { readonly phase: "opening" }
  | { readonly phase: "training"; readonly epoch: number; readonly loss: number }
  | { readonly phase: "ready"; readonly session: Pick<Session, "predict"> }
  | { readonly phase: "failed"; readonly error: unknown };

export function useTrainedModel(model: LayersModelLike, data: Dataset, epochs: number): Training {
  const [training, setTraining] = useState<Training>({ phase: "opening" });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const show = (state: Training) => {
      if (!signal.aborted) setTraining(state);
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
    return () => controller.abort();
  }, [model, data, epochs]);
  return training;
}
