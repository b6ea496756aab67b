// What a tablet keeps, in IndexedDB: what the server last told of a place, and the half-days counted without it. Codes,
// numbers and times; no name. An index refuses a half-day counted twice, whichever tab counts it.

const NAME = "maillage-porte", VERSION = 1;
let opened = null;

const asked = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

function open() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const base = request.result;
      base.createObjectStore("known", { keyPath: "place" });
      const queue = base.createObjectStore("queue", { keyPath: "nonce" });
      queue.createIndex("place", "place");
      queue.createIndex("once", ["place", "code", "day", "half"], { unique: true });
    };
    request.onerror = () => failed(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
      done(request.result);
    };
  });
  opened.catch(() => (opened = null));
  return opened;
}

/** Do something in one transaction; what it answers is told only once the disk has it. */
async function within(store, mode, act) {
  const base = await open();
  const work = base.transaction(store, mode, { durability: "strict" });
  const over = new Promise((done, failed) => {
    work.oncomplete = done;
    work.onabort = () => failed(work.error ?? new DOMException("aborted", "AbortError"));
  });
  over.catch(() => {});
  const answer = await act(work.objectStore(store));
  await over;
  return answer;
}

export const learn = (place, facts) => within("known", "readwrite", (known) => asked(known.put({ ...facts, place })));
export const known = (place) => within("known", "readonly", async (rows) => (await asked(rows.get(place))) ?? null);

export async function counted(place) {
  const rows = await within("queue", "readonly", (queue) => asked(queue.index("place").getAll(place)));
  return rows.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

/** Whether a half-day is now in the queue; false when it was counted already. */
export async function add(entry) {
  try {
    await within("queue", "readwrite", (queue) => asked(queue.add(entry)));
    return true;
  } catch (trouble) {
    if (trouble?.name === "ConstraintError") return false;
    throw trouble;
  }
}

/** Change rows by their numbers; `change` is told a row and answers what differs. */
export const change = (nonces, what) =>
  within("queue", "readwrite", async (queue) => {
    for (const nonce of nonces) {
      const row = await asked(queue.get(nonce));
      if (row) await asked(queue.put({ ...row, ...what(row) }));
    }
  });

/** Take back what was counted by mistake; false once it may have left. */
export const remove = (nonce) =>
  within("queue", "readwrite", async (queue) => {
    const row = await asked(queue.get(nonce));
    if (!row || row.tried || row.state !== "waiting") return false;
    await asked(queue.delete(nonce));
    return true;
  });

/** Forget what was answered, seen, and of another day. */
export const forget = (place, today) =>
  within("queue", "readwrite", async (queue) => {
    for (const row of await asked(queue.index("place").getAll(place))) {
      if (row.state === "seen" && row.day < today) await asked(queue.delete(row.nonce));
    }
  });

const kept = async () => (indexedDB.databases ? (await indexedDB.databases()).some((one) => one.name === NAME) : true);

/** How many half-days of any place wait on this tablet, answers nobody has seen included. */
export async function pending() {
  if (!(await kept())) return 0;
  const rows = await within("queue", "readonly", (queue) => asked(queue.getAll()));
  return rows.filter((row) => row.state !== "seen").length;
}

/** Leave nothing on the tablet. */
export async function clear() {
  if (!(await kept())) return;
  const base = await open();
  base.close();
  opened = null;
  await asked(indexedDB.deleteDatabase(NAME));
}
