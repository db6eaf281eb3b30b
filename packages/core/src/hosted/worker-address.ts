/**
 * The address of a worker's script, also where a page demands Trusted Types: there no worker starts from text, but
 * from a TrustedScriptURL, which only a policy makes. Ours is called `hone`, as the page's Content-Security-Policy has
 * to name it: `trusted-types hone`.
 */

/** What a page's policy makes of an address; text to everything else. */
export interface TrustedAddress {
  toString(): string;
}

/** Where a worker's script lies; a TrustedScriptURL where the page demands Trusted Types. */
export type WorkerAddress = string | URL | TrustedAddress;

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (address: string) => string },
  ): { createScriptURL(address: string): TrustedAddress };
  isScriptURL(value: unknown): value is TrustedAddress;
}

type Policy = ReturnType<TrustedTypes["createPolicy"]>;

/** Registered, since a second copy of this module may not make a policy of the same name. */
const key = Symbol.for("hone.trusted-types");

/** Whether it may be the address of a worker's script. */
export function isWorkerAddress(value: unknown): value is WorkerAddress {
  return typeof value === "string" || value instanceof URL || isTrusted(value);
}

/** What `new Worker` takes: the address itself, or what the policy makes of it. */
export function trustedAddress(address: WorkerAddress): string | URL {
  const given = isTrusted(address)
    ? address
    : (policy()?.createScriptURL(String(address)) ?? address);
  // Typed for pages without Trusted Types.
  return given as string;
}

function trustedTypes(): TrustedTypes | undefined {
  return (globalThis as { readonly trustedTypes?: TrustedTypes }).trustedTypes;
}

function isTrusted(value: unknown): boolean {
  return trustedTypes()?.isScriptURL(value) === true;
}

/** Undefined where there are no Trusted Types, or the page allows no policy of that name: plain text may do there. */
function policy(): Policy | undefined {
  const place = globalThis as { [key]?: Policy | undefined };
  if (!(key in place)) {
    try {
      place[key] = trustedTypes()?.createPolicy("hone", { createScriptURL: ownAddress });
    } catch {
      place[key] = undefined;
    }
  }
  return place[key];
}

/** Refuses what no worker could be started from anyway, so that the policy is of no use to others. */
function ownAddress(address: string): string {
  const { protocol, origin } = new URL(address, location.href);
  if (protocol === "blob:" || origin === location.origin) return address;
  throw new TypeError(`a worker's script comes from the page's own origin, and not from ${origin}`);
}
