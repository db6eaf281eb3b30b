/**
 * Leads training steps on a device: tells them which rows to take and how far to move, and reads what they record.
 *
 * A step finds everything by its number. The host therefore writes a whole window of steps ahead (an order of the
 * rows, a row of the schedule for each step, the number of the window's first step), and afterwards reads any of the
 * last steps from the ring. Nothing else writes those buffers, and nothing else knows their layout.
 */
import type { Executable, TypedArray } from "../backend.js";
import { scheduleRow } from "../graph/apply-optimizer.js";
import type { Optimizer } from "../graph/optimizer.js";
import { type StepCapacity, stepBuffers } from "../graph/steps.js";
import { figureColumns, figuresWidth, type Term } from "../graph/terms.js";

/** Steps that are made ready at once. */
export interface StepWindow {
  /** Number of the first one, counted over the whole training. */
  readonly firstStep: number;
  readonly steps: number;
  /** Row numbers of the data set, in the order the steps take them; as they were unless given. */
  readonly order?: Int32Array;
  /** Learning rate of a step, by its number; the optimizer's own unless given. */
  readonly learningRate?: (step: number) => number;
}

/** What one step recorded. */
export interface StepFigures {
  readonly loss: number;
  /** Global norm of the gradient. */
  readonly norm: number;
  /** The numbers that `figureColumns` tells of, the loss first. */
  readonly figures: ArrayLike<number>;
}

export class TrainingStepper {
  /** The ring's buffer, for whoever reads it together with others. */
  readonly ring: string;
  readonly #executable: () => Pick<Executable, "read" | "write">;
  readonly #optimizer: Optimizer | undefined;
  readonly #buffers: ReturnType<typeof stepBuffers>;
  readonly #width: number;

  /**
   * @param executable asked for anew each time, since a session makes it late
   * @param setup without an optimizer the steps read no schedule, and none is written
   */
  constructor(
    executable: () => Pick<Executable, "read" | "write">,
    setup: { readonly optimizer: Optimizer | undefined; readonly terms: readonly Term[] },
    capacity: StepCapacity,
  ) {
    this.#executable = executable;
    this.#optimizer = setup.optimizer;
    this.#width = 1 + figuresWidth(figureColumns(setup.terms));
    this.#buffers = stepBuffers(capacity);
    this.ring = this.#buffers.ring;
  }

  /** Makes the steps of a window ready. */
  begin({ firstStep, steps, order, learningRate }: StepWindow): void {
    const executable = this.#executable();
    const optimizer = this.#optimizer;
    if (order) executable.write(this.#buffers.order, order);
    if (optimizer) {
      const rateOf = learningRate ?? (() => optimizer.learningRate);
      const rows = Array.from({ length: steps }, (_, index) => {
        const step = firstStep + index;
        return scheduleRow(optimizer, step, rateOf(step));
      });
      executable.write(this.#buffers.schedule, Float64Array.from(rows.flat()));
    }
    executable.write(this.#buffers.epochStart, Int32Array.of(firstStep));
  }

  /**
   * What `steps` steps from number `first` on recorded.
   * @param values the ring, read after them and before any step that takes their place in it
   */
  figuresIn(values: TypedArray, first: number, steps: number): StepFigures[] {
    return Array.from({ length: steps }, (_, index) => {
      const at = ((first + index) % this.#buffers.ringLength) * this.#width;
      return {
        norm: values[at] as number,
        loss: values[at + 1] as number,
        figures: values.subarray(at + 1, at + this.#width),
      };
    });
  }

  /** Reads what `steps` steps from number `first` on recorded; at most the ring's length. */
  async figures(first: number, steps: number): Promise<StepFigures[]> {
    const [values] = (await this.#executable().read([this.ring])) as [TypedArray];
    return this.figuresIn(values, first, steps);
  }
}
