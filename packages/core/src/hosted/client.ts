/** Device, Executable and Resident as proxies of those in a worker. */
import { checkAborted, untilAborted } from "../abort.js";
import type {
  Columns,
  Device,
  Endable,
  Entry,
  Executable,
  Program,
  Resident,
  TypedArray,
} from "../backend.js";
import { disposable } from "../disposable.js";
import { HoneError } from "../errors.js";
import { inTurns } from "../turns.js";
import type { Connection } from "./connection.js";
import { LocalDevice } from "./local-device.js";
import { type Progressing, progress } from "./progress.js";
import { foreign, type Order, type Results } from "./protocol.js";

/** Elements copied between two looks at the clock: at most 8 MB. */
const pieceLength = 1 << 20;

type OwnArray = TypedArray & { readonly buffer: ArrayBuffer };

/**
 * The proxy of the device that the worker behind `connection` opened.
 * @param openLocal opens the device that `local` gives; without it there is none
 */
export function hostedDevice(
  connection: Connection,
  opened: Results["open"],
  openLocal?: () => Promise<Device>,
): Device & Progressing {
  const local = openLocal && new LocalDevice(connection.name, openLocal);
  const residentIds = new WeakMap<Resident, number>();
  return disposable({
    info: opened.info,
    target: opened.target,
    lost: connection.lost,
    async load(program: Program): Promise<Executable> {
      const executable = connection.newId();
      await connection.request({ type: "load", executable, program });
      return hostedExecutable(connection, executable, residentIds);
    },
    async upload(columns: Columns, { signal }: Endable = {}): Promise<Resident> {
      const { name: where } = connection;
      checkAborted(signal, where);
      const resident = connection.newId();
      const sent: Record<string, Columns[string]> = {};
      const transfer: ArrayBuffer[] = [];
      const turn = inTurns();
      for (const [name, { data, rowLength }] of Object.entries(columns)) {
        sent[name] = { data, rowLength };
        if (isShared(data.buffer)) continue;
        const copy = emptyLike(data);
        for (let at = 0; at < data.length; at += pieceLength) {
          copy.set(data.subarray(at, at + pieceLength), at);
          // Only work that is long waits: small columns are on their way when this returns.
          const next = turn();
          if (next) {
            await next;
            checkAborted(signal, where);
          }
        }
        sent[name] = { data: copy, rowLength };
        transfer.push(copy.buffer);
      }
      const dispose = () => connection.order({ type: "dispose-resident", resident });
      const uploaded = connection.request({ type: "upload", resident, columns: sent }, transfer);
      const { rows } = await untilAborted(uploaded, signal, where).catch((error: unknown) => {
        dispose();
        throw error;
      });
      const proxy: Resident = { rows, dispose };
      residentIds.set(proxy, resident);
      return proxy;
    },
    memory: () => connection.request({ type: "memory" }),
    async close() {
      await Promise.all([connection.close(), local?.close()]);
    },
    ...(local ? { local: () => local.open() } : {}),
    [progress]: () => connection.received,
  });
}

function hostedExecutable(
  connection: Connection,
  executable: number,
  residentIds: WeakMap<Resident, number>,
): Executable {
  let disposed = false;
  const order = (message: Order, transfer?: readonly ArrayBuffer[]) => {
    if (!disposed) connection.order(message, transfer);
  };
  const assertUsable = (method: string) => {
    if (!disposed) return;
    const what = `${method}() on an executable that was disposed. Load the program again.`;
    throw new HoneError("BadArgument", connection.name, what);
  };
  return {
    async prepare(entry: Entry): Promise<void> {
      assertUsable("prepare");
      await connection.request({ type: "prepare", executable, entry });
    },
    bind(input: string, data: Resident): void {
      order({ type: "bind", executable, input, resident: residentIds.get(data) ?? foreign });
    },
    write(buffer: string, data: TypedArray): void {
      const copy = copyOf(data);
      order({ type: "write", executable, buffer, data: copy }, [copy.buffer]);
    },
    run(entry: string, range: { readonly first: number; readonly steps: number }): void {
      order({ type: "run", executable, entry, range });
    },
    async read(buffers: readonly string[]): Promise<TypedArray[]> {
      assertUsable("read");
      return connection.request({ type: "read", executable, buffers });
    },
    async sync(): Promise<void> {
      assertUsable("sync");
      await connection.request({ type: "sync", executable });
    },
    async threads() {
      assertUsable("threads");
      return connection.request({ type: "threads", executable });
    },
    async profile(entry, range) {
      assertUsable("profile");
      return connection.request({ type: "profile", executable, entry, range });
    },
    forget(entry: string): void {
      order({ type: "forget", executable, entry });
    },
    dispose(): void {
      order({ type: "dispose-executable", executable });
      disposed = true;
    },
  };
}

function isShared(buffer: ArrayBufferLike): boolean {
  // A page that is not cross-origin isolated has no SharedArrayBuffer to ask.
  return typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}

/** A copy in a buffer of its own. Not `data.slice()`: that of a Node Buffer is a view. */
function copyOf(data: TypedArray): OwnArray {
  const copy = emptyLike(data);
  copy.set(data);
  return copy;
}

function emptyLike<Kind extends TypedArray>(data: Kind): Kind & OwnArray {
  return emptyArrayLike(data) as TypedArray as Kind & OwnArray;
}

function emptyArrayLike(data: TypedArray): OwnArray {
  const { length } = data;
  if (data instanceof Float32Array) return new Float32Array(length);
  if (data instanceof Float64Array) return new Float64Array(length);
  if (data instanceof Int32Array) return new Int32Array(length);
  return new Uint8Array(length);
}
