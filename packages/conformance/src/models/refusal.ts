/** A model whose training step needs ops that the device may lack: it must be refused by their names. */
import { isHoneError } from "@hone/core/backend";
import { missing, planEntry } from "@hone/core/internals";
import { type CheckContext, expectThat, type LeftOut } from "../check.js";
import { dataSpecOf, type Trainee, type TrainingRows, trainingGraph } from "./trainer.js";

/**
 * What planning says of a model that the device may refuse; undefined where it has to train it.
 * @throws when it needs an op that is lacking, and planning does not say which
 */
export async function refusal(
  context: CheckContext,
  trainee: Trainee,
  rows: TrainingRows,
): Promise<LeftOut | undefined> {
  const { target } = await context.device();
  const graph = trainingGraph(trainee, {
    batch: 4,
    stride: 4,
    data: dataSpecOf(trainee, rows),
    orderCapacity: 4,
    scheduleCapacity: 1,
  });
  const lacking = missing(graph, target.ops);
  if (lacking.length === 0 || !lacking.every((op) => context.mayLack.includes(op)))
    return undefined;
  const names = lacking.join(", ");
  try {
    planEntry("refused", graph, target);
  } catch (error) {
    expectThat(
      isHoneError(error, "LacksOp") && error.message.includes(`lacks ${names}.`),
      `${trainee.name} is refused by "${error}", which does not name ${names}`,
    );
    return { leftOut: `${trainee.name} is refused: the device lacks ${names}` };
  }
  throw new Error(`${trainee.name} is planned, though the device lacks ${names}`);
}
