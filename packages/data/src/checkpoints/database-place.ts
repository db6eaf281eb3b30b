/** IndexedDB as a place, for browsers without a file system that can be written where the page computes. */
import { HoneError } from "@hone/core/backend";
import { aloneInSite, browserFailure } from "./browser-failure.js";
import type { CheckpointPlace } from "./place.js";

const DATABASE = "hone-checkpoints";
const STORE = "files";

/** @throws BadData where the browser has no such database, or none for this page */
export async function databasePlace(set: string): Promise<CheckpointPlace> {
  const description = `checkpoints "${set}" in IndexedDB`;
  const locate = (file: string) => `${file} of ${description}`;
  const key = (file: string) => `${set}/${file}`;
  const run = <Value>(
    where: string,
    verb: "read" | "written" | "removed",
    ask: (store: IDBObjectStore) => IDBRequest<Value>,
  ): Promise<Value> =>
    transact(verb === "read" ? "readonly" : "readwrite", ask).catch((cause) => {
      throw browserFailure(where, verb, cause);
    });
  if (typeof indexedDB === "undefined" || indexedDB === null)
    throw new HoneError("BadData", description, "there is none here.");
  await openDatabase().then(
    (database) => database.close(),
    (cause) => {
      throw browserFailure(description, "opened", cause);
    },
  );
  return {
    description,
    locate,
    async list() {
      const range = IDBKeyRange.bound(key(""), key("\uffff"));
      const keys = await run(description, "read", (store) => store.getAllKeys(range));
      return keys.map((one) => ({ file: String(one).slice(key("").length), isRegular: true }));
    },
    read: (file) => run(locate(file), "read", (store) => store.get(key(file))),
    async write(file, bytes) {
      await run(locate(file), "written", (store) => store.put(bytes, key(file)));
    },
    remove: (file) => run(locate(file), "removed", (store) => store.delete(key(file))),
    // A transaction that does not come to its end leaves nothing.
    tidy: async () => undefined,
    alone: (task) => aloneInSite(`hone ${description}`, task),
  };
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** One request in a transaction of its own; resolves when it is on the disk. */
async function transact<Value>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await openDatabase();
  try {
    return await new Promise<Value>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
      transaction.onerror = () => reject(transaction.error ?? request.error);
    });
  } finally {
    database.close();
  }
}
