/** Asks backends whether they work here. Those of others may throw, say nonsense, or never answer. */
import { probeFault } from "../adapter/nonsense.js";
import { OTHER_VERSION_HINT, otherVersion } from "../adapter/spec-version.js";
import type { Backend, Probe } from "../backend.js";
import { messageOf } from "../value-text.js";
import { within } from "./patience.js";

/** Some drivers take long to answer. */
const LIMIT_MS = 20_000;
const FAULTY_HINT = "Tell the backend's author, or leave it out";

/** Never throws. A backend of another version of the contract is not asked anything. */
export async function probeOf(backend: Backend): Promise<Probe> {
  const version = otherVersion(backend);
  if (version !== undefined) return { ok: false, reason: version, hint: OTHER_VERSION_HINT };
  try {
    const late = () => new Error(`it has not ended after ${LIMIT_MS / 1000} s`);
    const probe = await within((async () => backend.probe())(), LIMIT_MS, late);
    const reason = probeFault(probe);
    return reason === undefined ? probe : { ok: false, reason, hint: FAULTY_HINT };
  } catch (error) {
    const message = messageOf(error);
    return { ok: false, reason: `its probe fails: ${message}`, hint: FAULTY_HINT };
  }
}
