// What a code is worth without network: its signature, its days, and what this tablet knows. No page, no store, no clock
// of its own, so that Node can try it beside the rules of the server.

const IN_TEXT = /MP1\.[^\s/?#]*/;
const TOKEN = /^MP1\.([0-9a-f]{12})\.([A-Za-z0-9_-]{20,200})\.([A-Za-z0-9_-]{86})$/;
const PAYLOAD = /^([0-9]{1,18})\|([0-9A-Z]{5}-[0-9A-Z]{5})\|([0-9]{1,5})\|(\d{4}-\d{2}-\d{2})\|(\d{4}-\d{2}-\d{2})$/;
const LONGEST = 600, CODE = 10;
const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CURVE = { name: "ECDSA", namedCurve: "P-256" }, HOW = { name: "ECDSA", hash: "SHA-256" };

const twice = (value) => ((value << 1) & 0b100000 ? (value << 1) ^ 0b100101 : value << 1);

export const tokenIn = (text) => text.slice(0, LONGEST).match(IN_TEXT)?.[0] ?? "";

/** A code as it is kept, however it was typed; empty for what is none. */
export function readCode(text) {
  const said = text.slice(0, 60).toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  const bare = said.replaceAll(/[^0-9A-Z]/g, "");
  if (bare.length !== CODE || [...bare].some((sign) => !SIGNS.includes(sign))) return "";
  let total = 0;
  for (const sign of bare.slice(0, -1)) total = twice(total) ^ SIGNS.indexOf(sign);
  return SIGNS[twice(total)] === bare.at(-1) ? `${bare.slice(0, 5)}-${bare.slice(5)}` : "";
}

function unpacked(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  // The last sign of base64 has spare bits: another spelling of the same bytes is another text, and refused.
  const again = btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  if (again !== text) throw new Error("another spelling");
  return Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
}

function isDay(text) {
  const moment = new Date(`${text}T00:00:00Z`);
  return !text.startsWith("0000") && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

function said(bytes) {
  const told = String.fromCharCode(...bytes).match(PAYLOAD);
  if (!told || !isDay(told[4]) || !isDay(told[5])) return null;
  return { scheme: told[1], code: told[2], units: Number(told[3]), startsOn: told[4], endsOn: told[5] };
}

async function holds(publicHex, signature, payload) {
  const point = Uint8Array.from(publicHex.match(/../g), (byte) => Number.parseInt(byte, 16));
  const key = await crypto.subtle.importKey("raw", point, CURVE, false, ["verify"]);
  return crypto.subtle.verify(HOW, key, signature, payload);
}

/** What a token says once its signature holds under one of `keys`; else `{ reason }`. Without any keys, unverified. */
export async function readToken(text, keys) {
  const found = text.length <= LONGEST && tokenIn(text).match(TOKEN);
  if (!found) return { reason: "cut" };
  let payload, signature;
  const forged = { reason: "forged" };
  if (keys && !Object.hasOwn(keys, found[1])) return { reason: "stranger" };
  try {
    [payload, signature] = [unpacked(found[2]), unpacked(found[3])];
  } catch {
    return forged;
  }
  if (keys && !(await holds(keys[found[1]], signature, payload))) return forged;
  return said(payload) ?? forged;
}

/** The day and the half-day of a moment by the clocks of a place: `{ day: "2026-11-23", half: "am" }`. */
export function halfOf(moment, zone, noon) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(moment);
  const at = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return { day: `${at.year}-${at.month}-${at.day}`, half: `${at.hour}:${at.minute}` < noon ? "am" : "pm" };
}

/**
 * What to answer at the door: `word` is "yes", "unsure" (nothing can be verified) or "no" with its `reason`.
 * `known` is what the server last told (null: never), `mine` the half-days that this tablet counted, `day` and `half` now.
 */
export async function judge(text, { known, mine, day, half }) {
  const signed = tokenIn(text) !== "";
  const told = signed ? await readToken(text, known?.keys) : { code: readCode(text) };
  const no = (reason) => ({ word: "no", reason, code: told.code ?? "" });
  if (told.reason) return no(told.reason);
  if (!told.code) return no("unknown");
  if (known?.revoked.includes(told.code)) return no("revoked");
  if (signed && day < told.startsOn) return no("not_yet");
  if (signed && day > told.endsOn) return no("expired");
  const here = mine.some((one) => one.code === told.code && one.day === day && one.half === half);
  const there = known?.day === day && known.counted[half].includes(told.code);
  if (here || there) return no("half_used");
  const waiting = mine.filter((one) => one.code === told.code && one.state === "waiting").length;
  const left = known && Object.hasOwn(known.left, told.code) ? known.left[told.code] - waiting : null;
  if (left !== null ? left < 1 : signed && waiting >= told.units) return no("empty");
  return { ...told, word: signed && known ? "yes" : "unsure", isSigned: signed, leftAfter: left === null ? null : left - 1 };
}
