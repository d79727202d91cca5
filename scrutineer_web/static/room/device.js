// What this device keeps: cases that were opened, and answers that are not sent yet. All of it is encrypted with a key
// that the room gives to a signed-in person and that leaves the device when the session ends; the same person, signed in
// here again, gets it back.
import Dexie from "./dexie.js";

const db = new Dexie("scrutineer");
db.version(1).stores({
  keys: "person",
  assessments: "[person+assessment], person",
  queue: "[person+assessment+question], [person+assessment], person",
});
// What the room has acknowledged is kept for some days: a room that is restored from a backup may lack it.
db.version(2).stores({ sent: "[person+assessment+question], person" });
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

export async function keepAssessment(assessment, content) {
  if (await openKey()) await db.assessments.put({ person: person(), assessment, at: Date.now(), ...(await lock(content)) });
}

export async function readAssessment(assessment) {
  const row = await db.assessments.get([person(), assessment]);
  return row && (await openKey()) ? unlock(row) : null;
}

export async function keptAssessments() {
  const who = person();
  if (!who || !(await openKey())) return [];
  const rows = await db.assessments.where({ person: who }).toArray();
  return openAll(rows, (row, content) => ({ assessment: row.assessment, ...content }));
}

// -- answers that are not sent yet --------------------------------------------------------

const memory = new Map();

// One place for each question: a later answer takes the place of one that has not gone out. It names the attempts before
// it, since nobody here knows which of them the room has got by now.
const attempts = new Map();

export async function enqueue(assessment, question, given) {
  const place = `${assessment}/${question}`;
  const earlier = attempts.get(place) ?? [];
  const uid = given.uid ?? crypto.randomUUID();
  attempts.set(place, [...earlier, uid].slice(-10));
  const before = await waiting(assessment, question);
  const instead = [...new Set([...(before?.instead_of ?? []), ...(before ? [before.uid] : []), ...earlier])].slice(-20);
  const seen = before ? { base: before.base, room: before.room } : { base: given.base, room: given.room };
  await write(assessment, question, { ...given, ...seen, uid, instead_of: instead, at: new Date().toISOString() });
}

// The page is going away: what waits on the disk may not get there any more, so the answer is sent while it can be. It is
// queued as well, under the same id, and saved once.
export function sendLeaving(assessment, question, given) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const body = { ...given, instead_of: attempts.get(`${assessment}/${question}`) ?? [], device: device(), device_at: new Date().toISOString() };
  fetch(`/api/v1/assessments/${assessment}/answers/${question}`, {
    method: "PUT",
    keepalive: true,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  }).catch(() => {});
}

async function write(assessment, question, content) {
  if (!(await openKey())) memory.set(`${assessment}/${question}`, { assessment, question, content });
  else {
    const locked = await lock(content);
    await db.queue.put({ person: person(), assessment, question, ...locked }); // resolves once it is on the disk
  }
}

async function drop(assessment, question, uid) {
  if (!(await openKey())) {
    if (memory.get(`${assessment}/${question}`)?.content.uid === uid) memory.delete(`${assessment}/${question}`);
    return true;
  }
  return db.transaction("rw", db.queue, async () => {
    const row = await db.queue.get([person(), assessment, question]);
    if (!row) return true;
    const content = await Dexie.waitFor(unlock(row));
    if (content.uid === uid) await db.queue.delete([person(), assessment, question]);
    return content.uid === uid;
  });
}

async function waiting(assessment, question) {
  if (!(await openKey())) return memory.get(`${assessment}/${question}`)?.content ?? null;
  const row = await db.queue.get([person(), assessment, question]);
  return row ? unlock(row) : null;
}

export async function unsent(assessment) {
  if (!(await openKey())) return [...memory.values()].filter((one) => assessment === undefined || one.assessment === assessment);
  const who = person();
  const rows = await (assessment === undefined ? db.queue.where({ person: who }) : db.queue.where({ person: who, assessment })).toArray();
  return openAll(rows, (row, content) => ({ assessment: row.assessment, question: row.question, content }));
}

// Send what waits; one tab at a time. `told` is called with the result for each question.
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

async function send({ assessment, question, content }) {
  const { at, refused, ...body } = content;
  let answer;
  try {
    answer = await ask("PUT", `assessments/${assessment}/answers/${question}`, { ...body, device: device(), device_at: at });
  } catch {
    return { halt: "network" };
  }
  const { status, content: said } = answer;
  if (status === 200) {
    await remember(assessment, question, content, said);
    const last = await drop(assessment, question, content.uid);
    if (!last) await rebase(assessment, question, said);
    return { assessment, question, state: last ? "saved" : "device", rev: said.rev, content, said };
  }
  if (status === 409) {
    await drop(assessment, question, content.uid);
    return { assessment, question, state: "conflict", rev: said.rev, content, said };
  }
  if (status === 422 || status === 400) {
    const fault = said?.faults?.map((f) => `${f.what}. ${f.do}`).join(" ") ?? "It was refused";
    await write(assessment, question, { ...content, refused: fault });
    return { assessment, question, state: "refused", content, fault };
  }
  if (status === 403 && said?.faults?.[0]?.where === "the caller") {
    // The case was given to somebody else meanwhile: this answer waits for the lead inspector, the others go on.
    const fault = "This case is no longer allocated to you. Your answer stays on this device. Contact the lead inspector.";
    await write(assessment, question, { ...content, refused: fault });
    return { assessment, question, state: "refused", content, fault };
  }
  if (status === 404 && content.room !== latest) {
    // The case itself came after the backup: the room that was restored doesn't have it.
    await drop(assessment, question, content.uid);
    return { assessment, question, state: "gone", content };
  }
  return { halt: status === 401 || status === 403 ? "session" : "room" };
}

async function remember(assessment, question, content, said) {
  if (!said.room || !(await openKey())) return;
  const locked = await lock({ ...content, base: said.rev - 1, room: said.room });
  await db.sent.put({ person: person(), assessment, question, room: said.room, at: Date.now(), ...locked });
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
    const key = [who, row.assessment, row.question];
    if (row.at < oldest) await db.sent.delete(key);
    else if (known !== current && row.room !== current && !(await db.queue.get(key))) {
      const [content] = await openAll([row], (_, opened) => opened);
      if (content) await db.queue.put({ person: who, assessment: row.assessment, question: row.question, ...(await lock(content)) });
      again ||= Boolean(content);
    }
  }
  localStorage.setItem(place, current);
  return again;
}

// An answer that was given while an earlier one was on its way is based on that one.
async function rebase(assessment, question, said) {
  const content = await waiting(assessment, question);
  if (content) await write(assessment, question, { ...content, base: said.rev, room: said.room, instead_of: [] });
}

// Tell the room how much of each open case is not sent, so that the lead inspector sees it. True where the room was restored,
// and there is something to send again.
export async function hear() {
  if (!(await openKey())) return false;
  const counts = {};
  for (const row of await db.assessments.where({ person: person() }).toArray()) counts[row.assessment] = 0;
  for (const one of await unsent()) counts[one.assessment] = (counts[one.assessment] ?? 0) + 1;
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
