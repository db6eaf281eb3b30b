/** What checks of the contract expect of errors, and of what must go on after them. */
import { type ErrorKind, type Executable, isHoneError } from "@hone/core/backend";
import { expectThat } from "../check.js";
import { LENGTH } from "./toy-entries.js";

/** The error of a promise that must fail as a HoneError, of that kind if one is given. */
export async function errorOf(
  promise: Promise<unknown>,
  what: string,
  kind?: ErrorKind,
): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expectThat(error !== undefined, `${what} is not told`);
  expectThat(
    error instanceof Error && error.name === "HoneError" && error.message.startsWith("[hone] "),
    `${what} is told by ${error}, not by a [hone] error`,
  );
  expectThat(
    kind === undefined || isHoneError(error, kind),
    `${what} is told by "${error.message}", which is not of kind ${kind}`,
  );
  return error;
}

/** The executable of `withCounter` still counts. */
export async function expectCounting(executable: Executable, what: string): Promise<void> {
  executable.write("counter", new Float32Array(LENGTH).fill(10));
  executable.run("count", { first: 0, steps: 1 });
  const [counter] = await executable.read(["counter"]);
  expectThat(`${[...(counter ?? [])]}` === "9,9,9,9,9", `after ${what} it counts to [${counter}]`);
}
