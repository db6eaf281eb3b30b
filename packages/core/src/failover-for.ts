/** What `compile` and `program` take as `failover`, with the trial that each further device must pass. */
import type { Backend, Device } from "./backend.js";
import { verifyDevice } from "./pick/verify-device.js";
import type { PickedDevice } from "./pick.js";
import { Failover, type FailoverOptions, failoverOptions } from "./run/failover.js";
import { isObject, type Option } from "./run/options.js";

export const FAILOVER_OPTION: Option = {
  is: (value) => value === false || isObject(value),
  wanted: "a list of backends, { backends, patienceMs, watchMs, takeBackMs }, or false",
};

/** @throws BadArgument for what is neither backends nor options with some */
export function failoverFor(
  device: Device,
  given: readonly Backend[] | FailoverOptions | false | undefined,
): Failover {
  const remembered = (device as Partial<PickedDevice>).backends;
  return new Failover(failoverOptions(given, remembered), verifyDevice);
}
