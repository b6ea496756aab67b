// Sends what waits, in the order it was counted, and keeps each answer. What has no answer stays in the queue: its number
// makes it count once however often it leaves.

import * as store from "./door-store.js";

/** Send what waits of a place; answers `{ kind, status }` of the last sending, "ok" when nothing is left to send. */
export function send(line, { place, most, again = false }) {
  const act = () => sendAll(line, { place, most, again });
  if (!navigator.locks) return act();
  // Two tabs of one tablet: the one that has the lock sends, the other waits for nothing.
  return navigator.locks.request(`maillage-porte-${place}`, { ifAvailable: true }, (lock) => (lock ? act() : { kind: "busy" }));
}

async function sendAll(line, { place, most, again }) {
  let size = most;
  const passed = new Set();
  for (;;) {
    const waiting = (await store.counted(place)).filter(
      (row) => row.state === "waiting" && !passed.has(row.nonce) && (again || !row.stuck),
    );
    const rows = waiting.slice(0, size);
    if (!rows.length) return { kind: "ok" };
    const nonces = rows.map((row) => row.nonce);
    await store.change(nonces, () => ({ tried: true }));
    const answer = await line.settle(rows);
    if (answer.kind === "ok") {
      await note(nonces, answer.results);
      nonces.forEach((nonce) => passed.add(nonce));
    } else if (answer.kind === "trouble" && [400, 413, 422].includes(answer.status)) {
      // One bad row must not hold the others back: halve until it stands alone, then put it aside and say so.
      if (rows.length === 1) {
        await store.change(nonces, () => ({ stuck: answer.status }));
        nonces.forEach((nonce) => passed.add(nonce));
      } else size = Math.ceil(rows.length / 2);
    } else return answer;
  }
}

async function note(nonces, results) {
  const told = new Map(results.map((one) => [one.nonce, one]));
  const answered = nonces.filter((nonce) => ["settled", "to_settle"].includes(told.get(nonce)?.state));
  await store.change(answered, ({ nonce }) => {
    const { state, said } = told.get(nonce);
    return { state, said: String(said ?? ""), text: "", stuck: 0 };
  });
}
