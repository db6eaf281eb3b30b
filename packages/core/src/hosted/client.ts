/** Device, Executable and Resident as proxies of those in a worker. */
import type {
  Columns,
  Device,
  Entry,
  Executable,
  Program,
  Resident,
  TypedArray,
} from "../backend.js";
import { HoneError } from "../errors.js";
import type { Connection } from "./connection.js";
import type { Results } from "./protocol.js";

/** The proxy of the device that the worker behind `connection` opened. */
export function hostedDevice(connection: Connection, opened: Results["open"]): Device {
  const residentIds = new WeakMap<Resident, number>();
  return {
    info: opened.info,
    target: opened.target,
    lost: connection.lost,
    async load(program: Program): Promise<Executable> {
      const executable = connection.newId();
      await connection.request({ type: "load", executable, program });
      return hostedExecutable(connection, executable, residentIds);
    },
    async upload(columns: Columns): Promise<Resident> {
      const resident = connection.newId();
      const sent = sendableColumns(columns);
      const { rows } = await connection.request(
        { type: "upload", resident, columns: sent.columns },
        sent.transfer,
      );
      const proxy: Resident = {
        rows,
        dispose: () => connection.order({ type: "dispose-resident", resident }),
      };
      residentIds.set(proxy, resident);
      return proxy;
    },
    memory: () => connection.request({ type: "memory" }),
    close: () => connection.close(),
  };
}

function hostedExecutable(
  connection: Connection,
  executable: number,
  residentIds: WeakMap<Resident, number>,
): Executable {
  let disposed = false;
  const assertAlive = (method: string) => {
    if (!disposed) return;
    const what = `${method}() on an executable that was disposed. Load the program again.`;
    throw new HoneError("BadArgument", connection.name, what);
  };
  return {
    async prepare(entry: Entry): Promise<void> {
      assertAlive("prepare");
      await connection.request({ type: "prepare", executable, entry });
    },
    bind(input: string, data: Resident): void {
      assertAlive("bind");
      // No resident has the id 0: the worker reports it, in order, as the contract asks.
      const resident = residentIds.get(data) ?? 0;
      connection.order({ type: "bind", executable, input, resident });
    },
    write(buffer: string, data: TypedArray): void {
      assertAlive("write");
      const copy = copyOf(data);
      connection.order({ type: "write", executable, buffer, data: copy }, [copy.buffer]);
    },
    run(entry: string, range: { readonly first: number; readonly steps: number }): void {
      assertAlive("run");
      connection.order({ type: "run", executable, entry, range });
    },
    async read(buffers: readonly string[]): Promise<TypedArray[]> {
      assertAlive("read");
      return connection.request({ type: "read", executable, buffers });
    },
    async sync(): Promise<void> {
      assertAlive("sync");
      await connection.request({ type: "sync", executable });
    },
    dispose(): void {
      if (disposed) return;
      disposed = true;
      connection.order({ type: "dispose-executable", executable });
    },
  };
}

/** Columns to post: shared memory as it is, everything else as a copy that moves. */
function sendableColumns(columns: Columns): {
  readonly columns: Columns;
  readonly transfer: ArrayBuffer[];
} {
  const transfer: ArrayBuffer[] = [];
  const sendable = Object.entries(columns).map(([name, { data, rowLength }]) => {
    if (isShared(data.buffer)) return [name, { data, rowLength }] as const;
    const copy = copyOf(data);
    transfer.push(copy.buffer);
    return [name, { data: copy, rowLength }] as const;
  });
  return { columns: Object.fromEntries(sendable), transfer };
}

function isShared(buffer: ArrayBufferLike): boolean {
  // A page that is not cross-origin isolated has no SharedArrayBuffer to ask.
  return typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}

/** A copy in a buffer of its own. Not `data.slice()`: that of a Node Buffer is a view. */
function copyOf<Kind extends TypedArray>(data: Kind): Kind & { readonly buffer: ArrayBuffer } {
  const copy = plainCopyOf(data);
  return copy as TypedArray as Kind & { readonly buffer: ArrayBuffer };
}

function plainCopyOf(data: TypedArray) {
  if (data instanceof Float32Array) return new Float32Array(data);
  if (data instanceof Float64Array) return new Float64Array(data);
  if (data instanceof Int32Array) return new Int32Array(data);
  return new Uint8Array(data);
}
