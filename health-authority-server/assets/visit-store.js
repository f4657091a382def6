// What the check-in page keeps in this browser: one table of named values in IndexedDB.
//
// open       the open visit, readable until it is sealed
// book       all cells, see browser/cells.js; born: the hour in which it was made
// authority  the signed document as fetched; root: its root key, base64
// processed  names of batches that have been tried; findings: what they said

const NAME = 'vungxanh';
const TABLE = 'values';

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
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

/** The value of `name`, or undefined. */
export function get(name) {
  return transact('readonly', (table) => table.get(name));
}

/** Keeps all of `values`, or none; undefined removes. */
export function put(values) {
  return transact('readwrite', (table) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) table.delete(name);
      else table.put(value, name);
    }
  });
}

/** Removes everything. */
export function forget() {
  return transact('readwrite', (table) => table.clear());
}

/** Runs `work` while no other page of this browser runs one of the same name. */
export function alone(name, work) {
  return navigator.locks ? navigator.locks.request(`vungxanh-${name}`, work) : work();
}
