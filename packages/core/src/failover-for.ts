/** What `compile` and `program` take as `failover`, with the trial that each further device must pass. */
import type { Backend, Device } from "./backend.js";
import type { PickedDevice } from "./pick.js";
import type { FailoverOptions, FailoverPlan, Verify } from "./run/failover.js";
import { isObject, type Option } from "./run/options.js";

export const FAILOVER_OPTION: Option = {
  is: (value) => value === false || isObject(value),
  wanted: "a list of backends, { backends, patienceMs, watchMs, takeBackMs }, or false",
};

const verify: Verify = async (device) => (await import("./pick/trial.js")).tried(device, {});

/** Loads what looks at it where something is given. @throws BadArgument for what is neither backends nor options with some */
export async function failoverFor(
  device: Device,
  given: readonly Backend[] | FailoverOptions | false | undefined,
): Promise<FailoverPlan> {
  if (given) {
    const { failoverOptions } = await import("./run/session-keeping.js");
    return { options: failoverOptions(given), verify };
  }
  const remembered = given === undefined && (device as Partial<PickedDevice>).backends;
  return { options: { backends: remembered || [] }, verify };
}
