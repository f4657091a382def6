// A table of named values in this browser (IndexedDB): what a page keeps.

const TABLE = 'values';

/** The store of that name: `{ get, entries, put, forget }`. */
export function storeOf(name) {
  function open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('another page holds the storage'));
    });
  }

  async function transact(mode, work) {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(TABLE, mode, { durability: 'strict' });
        const request = work(transaction.objectStore(TABLE));
        transaction.oncomplete = () => resolve(request?.result);
        transaction.onabort = () => reject(transaction.error);
        transaction.onerror = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  return {
    /** The value of `key`, or undefined. */
    get: (key) => transact('readonly', (table) => table.get(key)),
    /** All `[key, value]` whose key begins with `prefix`. */
    entries: (prefix) => transact('readonly', (table) => {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, values] = [table.getAllKeys(range), table.getAll(range)];
      return { get result() { return keys.result.map((key, i) => [key, values.result[i]]); } };
    }),
    /** Keeps all of `values`, or none; undefined removes. */
    put: (values) => transact('readwrite', (table) => {
      for (const [key, value] of Object.entries(values)) {
        if (value === undefined) table.delete(key);
        else table.put(value, key);
      }
    }),
    /** Keeps all of `values` if there is a value of `key`, or none: whether there was. */
    putIf: (key, values) => transact('readwrite', (table) => {
      const there = table.getKey(key);
      there.onsuccess = () => {
        if (there.result === undefined) return;
        for (const [name, value] of Object.entries(values)) table.put(value, name);
      };
      return there;
    }).then((found) => found !== undefined),
    /** Removes everything. */
    forget: () => transact('readwrite', (table) => table.clear()),
  };
}
