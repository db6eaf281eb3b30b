/**
 * What crosses between a hosted device and its worker. Plain data.
 *
 * A request carries an `id` and is answered by one reply with that id; an order carries none and is
 * never answered, so that `run`, `write` and `bind` cost one small message. The client chooses the
 * ids of executables and residents. What makes a device or asks for one names the backend that is meant.
 */
import type {
  Columns,
  DeviceInfo,
  DeviceLost,
  Entry,
  KernelTime,
  MemoryUse,
  Probe,
  Program,
  Target,
  TypedArray,
} from "../backend.js";
import type { ErrorData } from "./error-data.js";
import type { LifelineEnd } from "./lifeline.js";

export type Request =
  | { readonly type: "probe"; readonly backend: string; readonly settings: unknown }
  | { readonly type: "open"; readonly backend: string; readonly settings: unknown }
  | { readonly type: "load"; readonly executable: number; readonly program: Program }
  | { readonly type: "upload"; readonly resident: number; readonly columns: Columns }
  | { readonly type: "memory" }
  | { readonly type: "close" }
  | { readonly type: "prepare"; readonly executable: number; readonly entry: Entry }
  | { readonly type: "read"; readonly executable: number; readonly buffers: readonly string[] }
  | { readonly type: "sync"; readonly executable: number }
  | { readonly type: "threads"; readonly executable: number }
  | {
      readonly type: "profile";
      readonly executable: number;
      readonly entry: string;
      readonly range: { readonly first: number; readonly steps: number };
    };

export type Order =
  | {
      readonly type: "bind";
      readonly executable: number;
      readonly input: string;
      readonly resident: number;
    }
  | {
      readonly type: "write";
      readonly executable: number;
      readonly buffer: string;
      readonly data: TypedArray;
    }
  | {
      readonly type: "run";
      readonly executable: number;
      readonly entry: string;
      readonly range: { readonly first: number; readonly steps: number };
    }
  | { readonly type: "forget"; readonly executable: number; readonly entry: string }
  | { readonly type: "dispose-executable"; readonly executable: number }
  | { readonly type: "dispose-resident"; readonly resident: number };

/** The id of a resident that another device holds. The worker reports it, in its turn. */
export const foreign = 0;

/** What each request resolves to. */
export interface Results {
  readonly probe: Probe;
  readonly open: { readonly info: DeviceInfo; readonly target: Target };
  readonly load: undefined;
  readonly upload: { readonly rows: number };
  readonly memory: MemoryUse;
  readonly close: undefined;
  readonly prepare: undefined;
  readonly read: TypedArray[];
  readonly sync: undefined;
  readonly threads: Readonly<Record<string, readonly number[]>>;
  readonly profile: readonly KernelTime[];
}

export type ToWorker =
  | { readonly id: number; readonly request: Request }
  | { readonly order: Order };

export type FromWorker =
  | { readonly id: number; readonly value: Results[keyof Results] }
  | { readonly id: number; readonly error: ErrorData }
  | { readonly lost: DeviceLost }
  /** The device gets on, though it has nothing to answer yet. */
  | { readonly progress: true }
  /** Of a further thread of the device. */
  | { readonly lifeline: LifelineEnd };
