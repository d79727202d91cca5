// What this device keeps: cases that were opened, and answers that are not sent yet. All of it is encrypted with a key
// that the room gives to a signed-in person and that leaves the device when the session ends; the same person, signed
// in here again, gets it back.
import Dexie from "./dexie.js";
import { say } from "./texts.js";

const db = new Dexie("scrutineer");
db.version(1).stores({
  keys: "person",
  assessments: "[person+assessment], person",
  queue: "[person+assessment+question], [person+assessment], person",
});
// What the room has acknowledged is kept for some days: a room that is restored from a backup may lack it.
db.version(2).stores({ sent: "[person+assessment+question], person" });
const SENT_DAYS = 14;

export const channel = new BroadcastChannel("scrutineer");
export const isSecure = window.isSecureContext && Boolean(globalThis.crypto?.subtle);

export function readDevice() {
  let id = localStorage.getItem("scrutineer-device");
  if (!id) localStorage.setItem("scrutineer-device", (id = crypto.randomUUID()));
  return id;
}

// The person who is signed in; without a network, the one who was last.
export function readPerson() {
  const signedIn = document.body.dataset.person;
  if (signedIn) localStorage.setItem("scrutineer-person", signedIn);
  return signedIn ?? localStorage.getItem("scrutineer-person");
}

// Which room answers: it has another number once it was restored from a backup.
let latestRoom = null;

export async function callApi(method, address, body) {
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
  if (content?.room) latestRoom = content.room;
  return { status: response.status, content };
}

// -- the key ------------------------------------------------------------------------------

let openedKey = null;
let hasEnded = false;
channel.addEventListener("message", ({ data }) => {
  if (data.ended) [openedKey, hasEnded] = [null, true];
});

export async function openKey() {
  const person = readPerson();
  if (!person || !isSecure || hasEnded) return null;
  if (openedKey?.person === person && openedKey.until > Date.now()) return openedKey.key;
  const stored = await db.keys.get(person);
  if (stored && stored.until > Date.now()) {
    openedKey = stored;
    return stored.key;
  }
  if (stored) await db.keys.delete(person);
  if (!document.body.dataset.person) return null;
  const { status, content } = await callApi("POST", `devices/${readDevice()}/key`, { name: nameBrowser() });
  if (status !== 200 || hasEnded) return null;
  const bytes = Uint8Array.from(atob(content.key), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  openedKey = { person, key, until: Date.now() + 1000 * content.seconds };
  await db.keys.put(openedKey);
  return key;
}

// The session ends: what is kept stays, and nobody can read it until the same person signs in here again.
export async function forgetKeys() {
  [openedKey, hasEnded] = [null, true];
  channel.postMessage({ ended: true });
  await db.keys.clear();
}

function nameBrowser() {
  const agent = navigator.userAgent;
  const name = ["Firefox", "Edg", "Chrome", "Safari"].find((word) => agent.includes(word)) ?? "Browser";
  const system = ["Windows", "Android", "iPhone", "iPad", "Mac", "Linux"].find((word) => agent.includes(word)) ?? "";
  return `${name === "Edg" ? "Edge" : name}${system ? ` on ${system}` : ""}`;
}

async function lock(content) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await openKey(), bytes) };
}

// Rows that can be opened; one that was locked with a key that nobody has any more stays where it is.
async function openAll(rows, shape) {
  const all = await Promise.all(
    rows.map(async (row) => {
      try {
        return shape(row, await unlock(row));
      } catch {
        return null;
      }
    }),
  );
  return all.filter((content) => content !== null);
}

async function unlock(row) {
  const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, await openKey(), row.data);
  return JSON.parse(new TextDecoder().decode(bytes));
}

// -- cases --------------------------------------------------------------------------------

export async function storeAssessment(assessment, content) {
  if (await openKey())
    await db.assessments.put({ person: readPerson(), assessment, at: Date.now(), ...(await lock(content)) });
}

export async function readAssessment(assessment) {
  const row = await db.assessments.get([readPerson(), assessment]);
  return row && (await openKey()) ? unlock(row) : null;
}

export async function listAssessments() {
  const person = readPerson();
  if (!person || !(await openKey())) return [];
  const rows = await db.assessments.where({ person }).toArray();
  return openAll(rows, (row, content) => ({ assessment: row.assessment, ...content }));
}

// -- answers that are not sent yet --------------------------------------------------------

const memory = new Map();

// One place for each question: a later answer takes the place of one that has not gone out. It names the attempts
// before it, since nobody here knows which of them the room has got by now.
const attempts = new Map();

export async function enqueue(assessment, question, answer) {
  const key = `${assessment}/${question}`;
  const earlier = attempts.get(key) ?? [];
  const uid = answer.uid ?? crypto.randomUUID();
  attempts.set(key, [...earlier, uid].slice(-10));
  const queued = await readQueued(assessment, question);
  const replaced = [...new Set([...(queued?.instead_of ?? []), ...(queued ? [queued.uid] : []), ...earlier])].slice(
    -20,
  );
  const basis = queued ? { base: queued.base, room: queued.room } : { base: answer.base, room: answer.room };
  await queueContent(assessment, question, {
    ...answer,
    ...basis,
    uid,
    instead_of: replaced,
    at: new Date().toISOString(),
  });
}

// The page is going away: what waits on the disk may not get there any more, so the answer is sent while it can be. It
// is queued as well, under the same id, and saved once.
export function sendLeaving(assessment, question, answer) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const body = {
    ...answer,
    instead_of: attempts.get(`${assessment}/${question}`) ?? [],
    device: readDevice(),
    device_at: new Date().toISOString(),
  };
  fetch(`/api/v1/assessments/${assessment}/answers/${question}`, {
    method: "PUT",
    keepalive: true,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  }).catch(() => {});
}

async function queueContent(assessment, question, content) {
  if (!(await openKey())) memory.set(`${assessment}/${question}`, { assessment, question, content });
  else {
    const locked = await lock(content);
    await db.queue.put({ person: readPerson(), assessment, question, ...locked }); // resolves once it is on the disk
  }
}

async function dropQueued(assessment, question, uid) {
  if (!(await openKey())) {
    if (memory.get(`${assessment}/${question}`)?.content.uid === uid) memory.delete(`${assessment}/${question}`);
    return true;
  }
  return db.transaction("rw", db.queue, async () => {
    const row = await db.queue.get([readPerson(), assessment, question]);
    if (!row) return true;
    const content = await Dexie.waitFor(unlock(row));
    if (content.uid === uid) await db.queue.delete([readPerson(), assessment, question]);
    return content.uid === uid;
  });
}

async function readQueued(assessment, question) {
  if (!(await openKey())) return memory.get(`${assessment}/${question}`)?.content ?? null;
  const row = await db.queue.get([readPerson(), assessment, question]);
  return row ? unlock(row) : null;
}

export async function listUnsent(assessment) {
  if (!(await openKey()))
    return [...memory.values()].filter((row) => assessment === undefined || row.assessment === assessment);
  const person = readPerson();
  const rows = await (
    assessment === undefined ? db.queue.where({ person }) : db.queue.where({ person, assessment })
  ).toArray();
  return openAll(rows, (row, content) => ({ assessment: row.assessment, question: row.question, content }));
}

// Send what waits; one tab at a time. `report` is called with the result for each question.
export async function flush(report = () => {}) {
  const sendWaiting = async () => {
    let halt = null;
    do {
      for (const row of await listUnsent()) {
        if (row.content.refused) continue;
        const outcome = await send(row);
        if (outcome.halt) {
          halt = outcome.halt;
          break;
        }
        report(outcome);
        channel.postMessage(outcome);
      }
    } while (!halt && (await reportUnsent()));
    return halt;
  };
  return navigator.locks ? navigator.locks.request("scrutineer-send", sendWaiting) : sendWaiting();
}

async function send({ assessment, question, content }) {
  const { at, refused, ...body } = content;
  let response;
  try {
    response = await callApi("PUT", `assessments/${assessment}/answers/${question}`, {
      ...body,
      device: readDevice(),
      device_at: at,
    });
  } catch {
    return { halt: "network" };
  }
  const { status, content: reply } = response;
  if (status === 200) {
    await remember(assessment, question, content, reply);
    const isLast = await dropQueued(assessment, question, content.uid);
    if (!isLast) await rebase(assessment, question, reply);
    return { assessment, question, state: isLast ? "saved" : "device", rev: reply.rev, content, reply };
  }
  if (status === 409) {
    await dropQueued(assessment, question, content.uid);
    return { assessment, question, state: "conflict", rev: reply.rev, content, reply };
  }
  if (status === 422 || status === 400) {
    const fault = reply?.faults?.map((f) => `${f.what}. ${f.do}`).join(" ") ?? say("answer_refused");
    await queueContent(assessment, question, { ...content, refused: fault });
    return { assessment, question, state: "refused", content, fault };
  }
  if (status === 403 && reply?.faults?.[0]?.where === "the caller") {
    // The case was given to somebody else meanwhile: this answer waits for the lead inspector, the others go on.
    const fault = say("case_not_yours");
    await queueContent(assessment, question, { ...content, refused: fault });
    return { assessment, question, state: "refused", content, fault };
  }
  if (status === 404 && content.room !== latestRoom) {
    // The case itself came after the backup: the room that was restored doesn't have it.
    await dropQueued(assessment, question, content.uid);
    return { assessment, question, state: "gone", content };
  }
  return { halt: status === 401 || status === 403 ? "session" : "room" };
}

async function remember(assessment, question, content, reply) {
  if (!reply.room || !(await openKey())) return;
  const locked = await lock({ ...content, base: reply.rev - 1, room: reply.room });
  await db.sent.put({ person: readPerson(), assessment, question, room: reply.room, at: Date.now(), ...locked });
}

// The room says which one it is. Where it was restored since this device last heard from it, what it acknowledged
// before is sent again: what it still has it knows by its number, what it lacks is saved, and what was answered
// otherwise since is a conflict.
export async function meetRoom(current) {
  const person = readPerson();
  if (!current || !person || !(await openKey())) return false;
  latestRoom = current;
  const item = `scrutineer-room-${person}`;
  const known = localStorage.getItem(item);
  const rows = await db.sent.where({ person }).toArray();
  const oldest = Date.now() - SENT_DAYS * 86_400_000;
  let resend = false;
  for (const row of rows) {
    const key = [person, row.assessment, row.question];
    if (row.at < oldest) await db.sent.delete(key);
    else if (known !== current && row.room !== current && !(await db.queue.get(key))) {
      const [content] = await openAll([row], (_, unlocked) => unlocked);
      if (content)
        await db.queue.put({
          person,
          assessment: row.assessment,
          question: row.question,
          ...(await lock(content)),
        });
      resend ||= Boolean(content);
    }
  }
  localStorage.setItem(item, current);
  return resend;
}

// An answer that was given while an earlier one was on its way is based on that one.
async function rebase(assessment, question, reply) {
  const content = await readQueued(assessment, question);
  if (content)
    await queueContent(assessment, question, { ...content, base: reply.rev, room: reply.room, instead_of: [] });
}

// Tell the room how much of each open case is not sent, so that the lead inspector sees it. True where the room was
// restored, and there is something to send again.
export async function reportUnsent() {
  if (!(await openKey())) return false;
  const counts = {};
  for (const row of await db.assessments.where({ person: readPerson() }).toArray()) counts[row.assessment] = 0;
  for (const row of await listUnsent()) counts[row.assessment] = (counts[row.assessment] ?? 0) + 1;
  try {
    let response = await callApi("POST", `devices/${readDevice()}/heard`, { unsent: counts });
    if (response.status === 404) {
      // A room that was restored may not know this device yet.
      await db.keys.delete(readPerson());
      openedKey = null;
      if (await openKey()) response = await callApi("POST", `devices/${readDevice()}/heard`, { unsent: counts });
    }
    return await meetRoom(response.content?.room);
  } catch {
    return false; // it hears the next time
  }
}
