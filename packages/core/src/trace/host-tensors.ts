/**
 * Tensors where tfjs has no backend: it makes none without one, not even to hold the weights of a model that it never
 * runs itself.
 *
 * Surprising fact: what a real backend costs is not its code alone. Its kernels go into a registry that all copies of
 * tfjs in a process share, so a second copy, as a server's bundler makes one, warns of each of them. What is kept here
 * is registered nowhere; tfjs moves a tensor to a backend of the user's when a kernel of that asks for it.
 */

interface Held {
  readonly values: unknown;
  references: number;
}

interface EngineLike {
  readonly registryFactory: Readonly<Record<string, unknown>>;
  backendName: string | null;
  backendInstance: unknown;
}

/** What tfjs's engine asks of the backend that a tensor lies on. */
class HostTensors {
  readonly #held = new WeakMap<object, Held>();

  write(values: unknown): object {
    const dataId = {};
    this.#held.set(dataId, { values, references: 1 });
    return dataId;
  }

  readSync(dataId: object): unknown {
    return this.#of(dataId).values;
  }

  async read(dataId: object): Promise<unknown> {
    return this.readSync(dataId);
  }

  refCount(dataId: object): number {
    return this.#held.get(dataId)?.references ?? 0;
  }

  incRef(dataId: object): void {
    this.#of(dataId).references++;
  }

  /** True where the data is gone. */
  disposeData(dataId: object, force = false): boolean {
    const held = this.#held.get(dataId);
    if (held === undefined) return true;
    held.references--;
    if (!force && held.references > 0) return false;
    return this.#held.delete(dataId);
  }

  floatPrecision(): 32 {
    return 32;
  }

  epsilon(): number {
    return 1e-7;
  }

  #of(dataId: object): Held {
    return this.#held.get(dataId) as Held;
  }
}

const held = new HostTensors();

/**
 * Runs `body`, which makes tensors and runs no kernel, also where tfjs has no backend.
 * @param engine tfjs's, as `tf.engine()` gives it
 */
export function withTensors<Value>(engine: unknown, body: () => Value): Value {
  const target = engine as EngineLike;
  if (target.backendInstance || Object.keys(target.registryFactory).length > 0) return body();
  const before = { name: target.backendName, instance: target.backendInstance };
  target.backendName = "hone-host-tensors";
  target.backendInstance = held;
  try {
    return body();
  } finally {
    target.backendName = before.name;
    target.backendInstance = before.instance;
  }
}
