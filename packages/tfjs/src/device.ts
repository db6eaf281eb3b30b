/** An open stock backend: the owner of all that was made from it. */
import {
  type Columns,
  type Device,
  type DeviceInfo,
  type DeviceLost,
  type Executable,
  FailureLatch,
  HoneError,
  type MemoryUse,
  type Program,
  type Resident,
  type Target,
} from "@hone/core/backend";
import { type Owner, StockExecutable } from "./executable.js";
import { Kernels } from "./memory/kernels.js";
import { BYTES_PER_ELEMENT, Ledger, type Store } from "./memory/source.js";
import { opsOf } from "./ops/index.js";
import type { Composition } from "./ops/stock-op.js";
import { StockResident } from "./resident.js";
import type { Stock } from "./stock/stock.js";

export class StockDevice implements Device, Owner {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly lost: Promise<DeviceLost>;
  readonly store: Store;
  readonly ops: ReadonlyMap<string, Composition>;
  lostReason: string | undefined;
  readonly #stock: Stock;
  readonly #ledger = new Ledger();
  readonly #faults = new FailureLatch();
  readonly #executables = new Set<StockExecutable>();
  readonly #residents = new Set<StockResident>();
  #closed = false;
  #reportLost: (lost: DeviceLost) => void = () => {};

  constructor(stock: Stock, info: DeviceInfo, exact: boolean) {
    this.info = info;
    this.#stock = stock;
    this.store = { kernels: new Kernels(stock), ledger: this.#ledger };
    this.ops = opsOf(stock, exact);
    this.target = {
      specVersion: 1,
      alignmentBytes: BYTES_PER_ELEMENT,
      precision: 32,
      ops: [...this.ops.keys()],
      maxBlockBytes: stock.maxLength * BYTES_PER_ELEMENT,
    };
    this.lost = new Promise((resolve) => {
      this.#reportLost = resolve;
    });
    void stock.lost?.then((reason) => {
      if (this.#closed) return;
      this.lostReason = reason;
      this.#reportLost({ reason, expected: false });
    });
    stock.onFault?.((fault) => {
      const what = `tfjs says: ${fault.message}`;
      this.#faults.keep(new HoneError("Internal", info.backend, what, { cause: fault }));
    });
  }

  async load(program: Program): Promise<Executable> {
    this.#assertOpen("load");
    const executable = new StockExecutable(this);
    this.#executables.add(executable);
    try {
      for (const entry of program.entries) await executable.prepare(entry);
    } catch (error) {
      executable.dispose();
      throw error;
    }
    return executable;
  }

  async upload(columns: Columns): Promise<Resident> {
    this.#assertOpen("upload");
    const resident = new StockResident(this.store, columns, () => {
      this.#residents.delete(resident);
    });
    this.#residents.add(resident);
    return resident;
  }

  /** Tensors and arrays alive now; those that kernels need for themselves are not counted. */
  async memory(): Promise<MemoryUse> {
    return this.#ledger.use();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const executable of [...this.#executables]) executable.closeWithDevice();
    for (const resident of [...this.#residents]) resident.dispose();
    this.#stock.close();
    this.#reportLost({ reason: "The device was closed.", expected: true });
  }

  async finish(): Promise<void> {
    if (!this.#closed) await this.#stock.finish?.();
    this.#faults.release();
  }

  forget(executable: StockExecutable): void {
    this.#executables.delete(executable);
  }

  #assertOpen(verb: string): void {
    const reason = this.#closed ? "was closed" : this.lostReason && `was lost: ${this.lostReason}`;
    if (!reason) return;
    const where = `${this.info.backend} ${verb}`;
    throw new HoneError("DeviceLost", where, `the device ${reason}. Open another.`);
  }
}
