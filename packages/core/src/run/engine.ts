/**
 * The session's hold on its executable: plans and prepares entries when they are first needed, keeps
 * them and uploaded data sets as long as there is room, and reads and writes the model's weights.
 *
 * A caller may evaluate or predict while training pauses, or ask for both at once. So whatever waits
 * for the device to make something goes one after another, and a data set is bound in the same breath
 * as the steps that read it are enqueued.
 */
import type { Device, Executable, TypedArray } from "../backend.js";
import { HoneError, invariant, isHoneError } from "../errors.js";
import { mixesRows } from "../graph/rows.js";
import type { TracedModel, WeightInfo } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { readyToPlan } from "../plan/passes.js";
import { planInPieces } from "../plan/plan.js";
import type { Entry } from "../plan/program.js";
import { inPieces, inTurns } from "../turns.js";
import { isSlot } from "./checkpoint-tensors.js";
import type { Dataset } from "./dataset.js";
import { KeptEntries } from "./kept-entries.js";
import type { ResidentSets } from "./resident-sets.js";
import type { ThreadsTaken } from "./threads-taken.js";

export class Engine {
  readonly device: Device;
  readonly weights: readonly WeightInfo[];
  /** Of who has asked for one: who only predicts has none, and loads nothing for them. */
  sets: ResidentSets | undefined;
  #executable: Executable | undefined;
  /** What is not on the device yet. */
  #values: readonly TypedArray[];
  readonly #weightNames: readonly string[];
  readonly #seed: number;
  readonly #entries = new KeptEntries();
  /** Slots that came from another engine before any entry here had them. */
  readonly #pending = new Map<string, TypedArray>();
  #threadsTaken: ThreadsTaken | undefined;
  readonly #mixesRows = new WeakMap<TracedModel, boolean>();
  #weightsVersion = 0;
  #turns: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Who still waits for something of it, once nobody else shall come. */
  #users = 0;
  #retired = false;

  /** @param values of the weights, in their order */
  constructor(
    device: Device,
    weights: readonly WeightInfo[],
    values: readonly TypedArray[],
    seed: number,
  ) {
    this.device = device;
    this.weights = weights;
    this.#values = values;
    this.#weightNames = weights.map(({ name }) => name);
    this.#seed = seed;
  }

  /** @throws BadArgument after `close` */
  get executable(): Executable {
    this.checkOpen();
    invariant(this.#executable, "session", "nothing is loaded yet");
    return this.#executable;
  }

  /** Grows whenever the weights may have changed. */
  get weightsVersion(): number {
    return this.#weightsVersion;
  }

  /** True when rows may not be padded for inference, because they see each other. */
  mixesRows(model: TracedModel): boolean {
    const known = this.#mixesRows.get(model) ?? mixesRows(model.inference);
    this.#mixesRows.set(model, known);
    return known;
  }

  /** The entry of that key, if it is ready; held as `prepare` says. */
  prepared(key: string): Entry | undefined {
    return this.#entries.take(key);
  }

  /**
   * Makes an entry ready, and holds it until `letGo`, once for each time it was asked for: as long as it may be run.
   * Entries are told apart by `key`; the first of a `title` is named exactly so.
   * @param build makes the graph; called only when no entry of the key is ready
   * @throws OutOfMemory when it does not fit, also after all that nobody holds has made room
   */
  async prepare(title: string, key: string, build: () => Graph): Promise<Entry> {
    return this.inTurn(async () => {
      const known = this.#entries.take(key);
      if (known) return known;
      const turn = inTurns();
      const graph = build();
      await turn();
      await readyToPlan(graph, this.device.target.ops);
      await turn();
      const name = this.#entries.nameFor(title);
      const entry = await inPieces(planInPieces(name, graph, this.device.target));
      await turn();
      await this.#leave(this.#entries.surplus());
      await this.makingRoom(() => this.#add(entry));
      if (entry.buffers.seed) this.executable.write("seed", Int32Array.of(this.#seed));
      this.#entries.add(key, entry, this.#stateOf(graph));
      this.#writePending(entry.buffers);
      return entry;
    });
  }

  /** The entry may go when others need its room. */
  letGo(entry: Entry | undefined): void {
    if (entry) this.#entries.letGo(entry);
  }

  /** Another number when the buffer, of a block of its own name, was made anew, and what was written is lost. */
  birthOf(buffer: string): number {
    return this.#entries.birthOf(buffer);
  }

  /** Takes a data set off the device, unless it is in use. @returns whether it is gone */
  forget(dataset: Dataset): boolean {
    return this.sets?.forget(dataset) ?? true;
  }

  /** As the device counts them, if it has several threads and counts. */
  async threads(): ReturnType<NonNullable<Executable["threads"]>> {
    if (this.#closed || this.device.info.threads === 1) return {};
    return (await this.#executable?.threads?.()) ?? {};
  }

  /** On how many threads steps of these entries ran since that was last asked, on average; undefined where nobody counts. */
  async threadsTaken(entries: readonly Entry[]): Promise<number | undefined> {
    const counts = await this.threads();
    this.#threadsTaken ??= new (await import("./threads-taken.js")).ThreadsTaken();
    const names = entries.map(({ name }) => name);
    return this.#threadsTaken.meanOf(counts, names);
  }

  /** Enqueues a step whose rows the host has written. */
  run(entry: Entry, range: { readonly first: number; readonly steps: number }): void {
    this.#weightsVersion++;
    this.executable.run(entry.name, range);
  }

  /** Replaces all weights, in model order. Until something is loaded it keeps `values` themselves. */
  writeWeights(values: readonly TypedArray[]): void {
    this.checkOpen();
    if (this.#executable) this.writeBuffers(this.#weightNames, values);
    else this.#values = values;
    this.#weightsVersion++;
  }

  /** Writes buffers, weights among them. */
  writeBuffers(names: readonly string[], values: readonly TypedArray[]): void {
    this.#weightsVersion++;
    for (const [index, name] of names.entries()) {
      this.executable.write(name, values[index] as TypedArray);
    }
  }

  /** Copies of all weights in model order, float32. */
  async readWeights(): Promise<Float32Array[]> {
    return (await this.readExactWeights()).map((array) =>
      array instanceof Float32Array ? array : Float32Array.from(array),
    );
  }

  /** Copies of all weights in model order, in the precision they are held in. */
  async readExactWeights(): Promise<TypedArray[]> {
    if (!this.#executable && !this.#closed) return this.#values.map((values) => values.slice());
    return this.executable.read(this.#weightNames);
  }

  /** Copies of the weights, and of those slots that training has made. */
  async readState(): Promise<ReadonlyMap<string, TypedArray>> {
    const state = new Map(this.#pending);
    const made = this.#entries.stateNames.filter(isSlot);
    const names = this.#executable ? [...this.#weightNames, ...made] : [];
    const values = names.length > 0 ? await this.executable.read(names) : [];
    for (const [index, name] of names.entries()) state.set(name, values[index] as TypedArray);
    if (names.length > 0) return state;
    for (const [index, name] of this.#weightNames.entries()) {
      state.set(name, (this.#values[index] as TypedArray).slice());
    }
    return state;
  }

  /** Takes over what `readState` of another engine gave; slots are written once an entry has them. */
  writeState(state: ReadonlyMap<string, TypedArray>): void {
    this.#pending.clear();
    this.writeWeights(this.#weightNames.map((name) => state.get(name) as TypedArray));
    for (const [name, values] of state) {
      if (!this.#weightNames.includes(name)) this.#pending.set(name, values);
    }
    for (const name of [...this.#pending.keys()]) {
      if (this.#entries.hasState(name)) this.#writeOne(name);
    }
  }

  #writeOne(name: string): void {
    this.executable.write(name, this.#pending.get(name) as TypedArray);
    this.#pending.delete(name);
  }

  #writePending(buffers: Entry["buffers"]): void {
    for (const name of [...this.#pending.keys()]) if (buffers[name]) this.#writeOne(name);
  }

  /** Does a task that must end here, even if the session moves elsewhere meanwhile. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    const leave = this.enter();
    try {
      return await task();
    } finally {
      leave();
    }
  }

  /** It stays, even if the session moves elsewhere meanwhile, until what this returns is called. */
  enter(): () => void {
    this.#users++;
    return () => {
      this.#users--;
      if (this.#retired && this.#users === 0) this.close();
    };
  }

  /** The session has moved elsewhere: closes when nobody waits for anything any more. */
  retire(): void {
    this.#retired = true;
    if (this.#users === 0) this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.sets?.dispose();
    this.#executable?.dispose();
  }

  /** Does `task` when all that was asked for before is done. @throws BadArgument after `close`; DeviceLost where it is retired */
  async inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(() => {
      this.checkOpen();
      return task();
    });
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  /** @throws BadArgument after `close`; DeviceLost where it is retired */
  checkOpen(): void {
    if (!this.#closed) return;
    if (this.#retired) throw superseded();
    throw new HoneError("BadArgument", "session", "it is closed. Compile the model again.");
  }

  async #add(entry: Entry): Promise<void> {
    if (this.#executable) await this.#executable.prepare(entry);
    else await this.#load(entry);
  }

  /** The weights, and the optimizer's slots. */
  #stateOf({ tensors }: Graph): string[] {
    const slots = tensors.flatMap(({ role, name }) => (role === "slot" && name ? [name] : []));
    return [...this.#weightNames, ...slots];
  }

  /** Takes entries off the device, when what is enqueued has run. */
  async #leave(entries: readonly Entry[]): Promise<void> {
    const keeper = this.#entries.keeperFor(entries);
    if (keeper) {
      await this.executable.prepare(keeper);
      this.#entries.addKeeper(keeper);
    }
    for (const entry of entries) {
      // Somebody may have asked for it meanwhile.
      if (this.#entries.isHeld(entry)) continue;
      this.executable.forget(entry.name);
      this.#entries.remove(entry);
    }
  }

  /** Does `make`; where memory is refused once more, after all that nobody holds has left the device. */
  async makingRoom<T>(make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      if (!isHoneError(error, "OutOfMemory")) throw error;
      const idle = this.#entries.idle();
      const sets = this.sets?.count;
      this.sets?.makeRoom(0);
      if (idle.length === 0 && sets === this.sets?.count) throw error;
      await this.#leave(idle);
      // Memory is free only when the steps before are done.
      await this.#executable?.sync();
      return make();
    }
  }

  async #load(entry: Entry): Promise<void> {
    const executable = await this.device.load({ entries: [entry] });
    if (this.#closed) executable.dispose();
    this.checkOpen();
    this.#executable = executable;
    this.writeWeights(this.#values);
    this.#values = [];
  }
}

/** Work for a device that the session has left meanwhile: it is to be done again where the session is now. */
export function superseded(): HoneError {
  return new HoneError("DeviceLost", "session", "it has gone on on another device.");
}
