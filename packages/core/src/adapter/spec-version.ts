/** Which version of the contract in backend.ts is spoken here. */

export const SPEC_VERSION = 1;

/**
 * Why core cannot use what `speaker`, a backend or a device's target, says it speaks; undefined when it
 * can. The end of a sentence.
 */
export function otherVersion(
  speaker: { readonly specVersion: unknown } | undefined,
): string | undefined {
  const specVersion = speaker?.specVersion;
  if (specVersion === SPEC_VERSION) return undefined;
  return `the backend speaks version ${specVersion} of the contract, this core version ${SPEC_VERSION}`;
}

/** What to do about it. */
export const OTHER_VERSION_HINT = "Install the backend and @hone/core from one release.";
