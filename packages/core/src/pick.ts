/** Chooses a backend at run time, and says why. */
import type { Backend, Device, DeviceInfo } from "./backend.js";
import { HoneError } from "./errors.js";

export interface PickOptions {
  /** The model the device is wanted for. */
  readonly for?: unknown;
  readonly batchSize?: number;
}

/** What became of one backend. */
export interface Candidate {
  readonly name: string;
  readonly outcome: "chosen" | "not needed" | "refused";
  readonly reason: string;
}

export type PickedDevice = Device & {
  /** One sentence: the choice and its reason. */
  readonly why: string;
  readonly candidates: readonly Candidate[];
};

/**
 * From fast to slow, by kind alone: nothing is measured. A GPU emulated in software stands below wasm,
 * since both then run on the same processor and wasm does so without the detour.
 */
const ORDER: readonly DeviceInfo["kind"][] = ["gpu", "wasm", "software-gpu", "cpu"];

/**
 * Opens the first backend, by kind, that works here; the others stay unopened.
 * @throws BackendUnavailable when none works, with each one's reason and hint
 */
export async function pickFastest(
  backends: readonly Backend[],
  _options: PickOptions = {},
): Promise<PickedDevice> {
  const probes = await Promise.all(
    backends.map(async (backend) => ({ backend, probe: await backend.probe() })),
  );
  const refused: Candidate[] = [];
  const usable: { readonly backend: Backend; readonly kind: DeviceInfo["kind"] }[] = [];
  for (const { backend, probe } of probes) {
    if (probe.ok) usable.push({ backend, kind: probe.info.kind });
    else refused.push(refusal(backend.name, `${probe.reason} (${probe.hint})`));
  }
  usable.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));

  for (const [index, { backend, kind }] of usable.entries()) {
    let device: Device;
    try {
      device = await backend.open();
    } catch (error) {
      refused.push(refusal(backend.name, error instanceof Error ? error.message : String(error)));
      continue;
    }
    const others = usable.slice(index + 1).map((other): Candidate => {
      const reason = `a ${other.kind} device ranks below a ${kind} device`;
      return { name: other.backend.name, outcome: "not needed", reason };
    });
    const lost = [...others, ...refused].map(({ name, reason }) => `${name}: ${reason}`);
    const why = [
      `${backend.name} (${device.info.description}): the first of ${ORDER.join(", ")} that works here, by kind, not by measurement`,
      ...lost,
    ].join("; ");
    const chosen: Candidate = { name: backend.name, outcome: "chosen", reason: `a ${kind} device` };
    return Object.assign(device, { why, candidates: [chosen, ...others, ...refused] });
  }
  throw new HoneError(
    "BackendUnavailable",
    "pickFastest",
    [`none of ${backends.length} backends works here.`, ...refused.map(explained)].join(" "),
  );
}

function refusal(name: string, reason: string): Candidate {
  return { name, outcome: "refused", reason };
}

function explained({ name, reason }: Candidate): string {
  return `${name}: ${reason}.`;
}
