/**
 * Lowering apart from computing: what becomes of an entry's calls is found out where the program comes from, and
 * crosses to the device as plain data.
 *
 * So a page loads the kernels that its programs ask for and no others, by ordinary late imports of its own bundle. A
 * worker could not load them: no address is right in every bundle, and many a page's policy lets no text be run.
 */
import type { Backend, Device, DeviceInfo, Entry } from "../backend.js";
import { HoneError } from "../errors.js";
import { messageOf } from "../value-text.js";

/** What turns entries into a device's own calls. */
export interface Lowering {
  /** The ops that it has kernels for; the device's `target` lists them. */
  readonly ops: readonly string[];
  /**
   * The entry as the device takes it.
   * @throws LacksOp for an op that is not among `ops`
   */
  lower(entry: Entry, info: DeviceInfo): Promise<Entry>;
}

/**
 * The backend that opens the devices of `backend` with their programs lowered before they get them.
 * @param load begun with the device, so that neither waits for the other
 */
export function lowered(backend: Backend, load: () => Promise<Lowering>): Backend {
  return {
    ...backend,
    async open(options) {
      const loading = loaded(backend.name, load);
      // Whoever awaits it hears of it; till then it is nobody's fault.
      loading.catch(() => {});
      const device = await backend.open(options);
      try {
        return lowersFirst(device, await loading);
      } catch (error) {
        await device.close();
        throw error;
      }
    },
  };
}

/** The same device, which from now on lowers what it loads. */
export function lowersFirst<Kind extends Device>(device: Kind, { ops, lower }: Lowering): Kind {
  const { load, target, info } = device;
  return Object.assign(device, {
    target: { ...target, ops },
    async load(program: Parameters<Device["load"]>[0]) {
      const entries = await Promise.all(program.entries.map((entry) => lower(entry, info)));
      const executable = await load.call(device, { ...program, entries });
      const { prepare } = executable;
      return Object.assign(executable, {
        prepare: async (entry: Entry) => prepare.call(executable, await lower(entry, info)),
      });
    },
  });
}

/**
 * What a late import gives.
 * @throws BackendUnavailable when it cannot be had
 */
export async function loaded<Part>(backend: string, load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    const what = `its kernels could not be loaded (${messageOf(cause)}). Check that the page can reach all files of its bundle.`;
    throw new HoneError("BackendUnavailable", backend, what, { cause });
  }
}
