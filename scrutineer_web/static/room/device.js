// What this device keeps: cases that were opened, and answers that are not sent yet. All of it is encrypted with a key
// that the room gives to a signed-in person and that leaves the device when the session ends; the same person, signed in
// here again, gets it back.
import Dexie from "./dexie.js";

const db = new Dexie("scrutineer");
db.version(1).stores({
  keys: "person",
  readings: "[person+reading], person",
  queue: "[person+reading+question], [person+reading], person",
});
// What the room has acknowledged is kept for some days: a room that is restored from a backup may lack it.
db.version(2).stores({ sent: "[person+reading+question], person" });
const KEPT_DAYS = 14;

export const channel = new BroadcastChannel("scrutineer");
export const secure = window.isSecureContext && Boolean(globalThis.crypto?.subtle);

export function device() {
  let id = localStorage.getItem("scrutineer-device");
  if (!id) localStorage.setItem("scrutineer-device", (id = crypto.randomUUID()));
  return id;
}

// The person who is signed in; without a network, the one who was last.
export function person() {
  const told = document.body.dataset.person;
  if (told) localStorage.setItem("scrutineer-person", told);
  return told ?? localStorage.getItem("scrutineer-person");
}

// Which room answers: it has another number once it was restored from a backup.
let latest = null;

export async function ask(method, address, body) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const response = await fetch(`/api/v1/${address}`, {
    method,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  let content = null;
  try {
    content = await response.json();
  } catch {
    content = null;
  }
  if (content?.room) latest = content.room;
  return { status: response.status, content };
}

// -- the key ------------------------------------------------------------------------------

let opened = null;
let ended = false;
channel.addEventListener("message", ({ data }) => {
  if (data.ended) [opened, ended] = [null, true];
});

export async function openKey() {
  const who = person();
  if (!who || !secure || ended) return null;
  if (opened?.person === who && opened.until > Date.now()) return opened.key;
  const stored = await db.keys.get(who);
  if (stored && stored.until > Date.now()) {
    opened = stored;
    return stored.key;
  }
  if (stored) await db.keys.delete(who);
  if (!document.body.dataset.person) return null;
  const { status, content } = await ask("POST", `devices/${device()}/key`, { name: browserName() });
  if (status !== 200 || ended) return null;
  const bytes = Uint8Array.from(atob(content.key), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  opened = { person: who, key, until: Date.now() + 1000 * content.seconds };
  await db.keys.put(opened);
  return key;
}

// The session ends: what is kept stays, and nobody can read it until the same person signs in here again.
export async function forgetKeys() {
  [opened, ended] = [null, true];
  channel.postMessage({ ended: true });
  await db.keys.clear();
}

function browserName() {
  const agent = navigator.userAgent;
  const name = ["Firefox", "Edg", "Chrome", "Safari"].find((one) => agent.includes(one)) ?? "Browser";
  const system = ["Windows", "Android", "iPhone", "iPad", "Mac", "Linux"].find((one) => agent.includes(one)) ?? "";
  return `${name === "Edg" ? "Edge" : name}${system ? ` on ${system}` : ""}`;
}

async function lock(content) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await openKey(), bytes) };
}

// Rows that can be opened; one that was locked with a key that nobody has any more stays where it is.
async function openAll(rows, shape) {
  const all = await Promise.all(rows.map(async (row) => { try { return shape(row, await unlock(row)); } catch { return null; } }));
  return all.filter((one) => one !== null);
}

async function unlock(row) {
  const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, await openKey(), row.data);
  return JSON.parse(new TextDecoder().decode(bytes));
}

// -- cases --------------------------------------------------------------------------------

export async function keepReading(reading, content) {
  if (await openKey()) await db.readings.put({ person: person(), reading, at: Date.now(), ...(await lock(content)) });
}

export async function readReading(reading) {
  const row = await db.readings.get([person(), reading]);
  return row && (await openKey()) ? unlock(row) : null;
}

export async function keptReadings() {
  const who = person();
  if (!who || !(await openKey())) return [];
  const rows = await db.readings.where({ person: who }).toArray();
  return openAll(rows, (row, content) => ({ reading: row.reading, ...content }));
}

// -- answers that are not sent yet --------------------------------------------------------

const memory = new Map();

// One place for each question: a later answer takes the place of one that has not gone out. It names the attempts before
// it, since nobody here knows which of them the room has got by now.
const attempts = new Map();

export async function enqueue(reading, question, given) {
  const place = `${reading}/${question}`;
  const earlier = attempts.get(place) ?? [];
  const uid = given.uid ?? crypto.randomUUID();
  attempts.set(place, [...earlier, uid].slice(-10));
  const before = await waiting(reading, question);
  const instead = [...new Set([...(before?.instead_of ?? []), ...(before ? [before.uid] : []), ...earlier])].slice(-20);
  const seen = before ? { base: before.base, room: before.room } : { base: given.base, room: given.room };
  await write(reading, question, { ...given, ...seen, uid, instead_of: instead, at: new Date().toISOString() });
}

// The page is going away: what waits on the disk may not get there any more, so the answer is sent while it can be. It is
// queued as well, under the same id, and saved once.
export function sendLeaving(reading, question, given) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const body = { ...given, instead_of: attempts.get(`${reading}/${question}`) ?? [], device: device(), device_at: new Date().toISOString() };
  fetch(`/api/v1/readings/${reading}/answers/${question}`, {
    method: "PUT",
    keepalive: true,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  }).catch(() => {});
}

async function write(reading, question, content) {
  if (!(await openKey())) memory.set(`${reading}/${question}`, { reading, question, content });
  else {
    const locked = await lock(content);
    await db.queue.put({ person: person(), reading, question, ...locked }); // resolves once it is on the disk
  }
}

async function drop(reading, question, uid) {
  if (!(await openKey())) {
    if (memory.get(`${reading}/${question}`)?.content.uid === uid) memory.delete(`${reading}/${question}`);
    return true;
  }
  return db.transaction("rw", db.queue, async () => {
    const row = await db.queue.get([person(), reading, question]);
    if (!row) return true;
    const content = await Dexie.waitFor(unlock(row));
    if (content.uid === uid) await db.queue.delete([person(), reading, question]);
    return content.uid === uid;
  });
}

async function waiting(reading, question) {
  if (!(await openKey())) return memory.get(`${reading}/${question}`)?.content ?? null;
  const row = await db.queue.get([person(), reading, question]);
  return row ? unlock(row) : null;
}

export async function unsent(reading) {
  if (!(await openKey())) return [...memory.values()].filter((one) => reading === undefined || one.reading === reading);
  const who = person();
  const rows = await (reading === undefined ? db.queue.where({ person: who }) : db.queue.where({ person: who, reading })).toArray();
  return openAll(rows, (row, content) => ({ reading: row.reading, question: row.question, content }));
}

// Send what waits; one tab at a time. `told` hears of each question what came of it.
export async function flush(told = () => {}) {
  const run = async () => {
    let halt = null;
    do {
      for (const one of await unsent()) {
        if (one.content.refused) continue;
        const outcome = await send(one);
        if (outcome.halt) {
          halt = outcome.halt;
          break;
        }
        told(outcome);
        channel.postMessage(outcome);
      }
    } while (!halt && (await hear()));
    return halt;
  };
  return navigator.locks ? navigator.locks.request("scrutineer-send", run) : run();
}

async function send({ reading, question, content }) {
  const { at, refused, ...body } = content;
  let answer;
  try {
    answer = await ask("PUT", `readings/${reading}/answers/${question}`, { ...body, device: device(), device_at: at });
  } catch {
    return { halt: "network" };
  }
  const { status, content: said } = answer;
  if (status === 200) {
    await remember(reading, question, content, said);
    const last = await drop(reading, question, content.uid);
    if (!last) await rebase(reading, question, said);
    return { reading, question, state: last ? "saved" : "device", rev: said.rev, content, said };
  }
  if (status === 409) {
    await drop(reading, question, content.uid);
    return { reading, question, state: "conflict", rev: said.rev, content, said };
  }
  if (status === 422 || status === 400) {
    const fault = said?.faults?.map((f) => `${f.what}. ${f.do}`).join(" ") ?? "It was refused";
    await write(reading, question, { ...content, refused: fault });
    return { reading, question, state: "refused", content, fault };
  }
  if (status === 403 && said?.faults?.[0]?.where === "the caller") {
    // The case was given to somebody else meanwhile: this answer waits for the lead inspector, the others go on.
    const fault = "This case is not yours to answer any more. The answer stays on this device: tell the lead inspector.";
    await write(reading, question, { ...content, refused: fault });
    return { reading, question, state: "refused", content, fault };
  }
  if (status === 404 && content.room !== latest) {
    // The case itself came after the backup: the room that was restored doesn't have it.
    await drop(reading, question, content.uid);
    return { reading, question, state: "gone", content };
  }
  return { halt: status === 401 || status === 403 ? "session" : "room" };
}

async function remember(reading, question, content, said) {
  if (!said.room || !(await openKey())) return;
  const locked = await lock({ ...content, base: said.rev - 1, room: said.room });
  await db.sent.put({ person: person(), reading, question, room: said.room, at: Date.now(), ...locked });
}

// The room says which one it is. Where it was restored since this device last heard from it, what it acknowledged before is
// sent again: what it still has it knows by its number, what it lacks is saved, and what was answered otherwise since is a conflict.
export async function meetRoom(current) {
  const who = person();
  if (!current || !who || !(await openKey())) return false;
  latest = current;
  const place = `scrutineer-room-${who}`;
  const known = localStorage.getItem(place);
  const rows = await db.sent.where({ person: who }).toArray();
  const oldest = Date.now() - KEPT_DAYS * 86_400_000;
  let again = false;
  for (const row of rows) {
    const key = [who, row.reading, row.question];
    if (row.at < oldest) await db.sent.delete(key);
    else if (known !== current && row.room !== current && !(await db.queue.get(key))) {
      const [content] = await openAll([row], (_, opened) => opened);
      if (content) await db.queue.put({ person: who, reading: row.reading, question: row.question, ...(await lock(content)) });
      again ||= Boolean(content);
    }
  }
  localStorage.setItem(place, current);
  return again;
}

// An answer that was given while an earlier one was on its way is based on that one.
async function rebase(reading, question, said) {
  const content = await waiting(reading, question);
  if (content) await write(reading, question, { ...content, base: said.rev, room: said.room, instead_of: [] });
}

// Tell the room how much of each open case is not sent, so that the lead inspector sees it. True where the room was restored,
// and there is something to send again.
export async function hear() {
  if (!(await openKey())) return false;
  const counts = {};
  for (const row of await db.readings.where({ person: person() }).toArray()) counts[row.reading] = 0;
  for (const one of await unsent()) counts[one.reading] = (counts[one.reading] ?? 0) + 1;
  try {
    let answer = await ask("POST", `devices/${device()}/heard`, { unsent: counts });
    if (answer.status === 404) {
      // A room that was restored may not know this device yet.
      await db.keys.delete(person());
      opened = null;
      if (await openKey()) answer = await ask("POST", `devices/${device()}/heard`, { unsent: counts });
    }
    return await meetRoom(answer.content?.room);
  } catch {
    return false; // it is told the next time
  }
}
