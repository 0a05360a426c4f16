/**
 * IndexedDB with promises, as much of it as the store uses. I/O. Imported by store.ts.
 * Our own because idb is 1.1 kB of the first load's 45 and wraps every object in a proxy; this is three functions.
 */
export type Database = IDBDatabase;

/** Opens a database, making its stores where it is new. */
export function openDatabase(name: string, version: number, stores: readonly string[]): Promise<Database> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      for (const store of stores) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB refused"));
  });
}

/** What a request answers. */
export function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB refused"));
  });
}

/** Resolves when a transaction is complete: on the disk, as far as the browser says so. */
export function done(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(tx.error ?? new Error("the transaction was aborted"));
    tx.oncomplete = () => resolve();
    tx.onerror = failed;
    tx.onabort = failed;
  });
}
