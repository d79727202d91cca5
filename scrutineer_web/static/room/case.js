// The case assessment form: each answer is kept at once on this device, then sent; what applies follows the same rules as
// in the room; two answers to one question are shown side by side until somebody chooses.
import { applies } from "./applicability.js";
import { ask, channel, enqueue, flush, hear, keepAssessment, keptAssessments, meetRoom, person, readAssessment, sendLeaving, unsent } from "./device.js";
import { list } from "./room.js";

const TEXTS = ["from_file", "from_manager", "from_offender", "note"];
const LABELS = { saved: "Saved", device: "On this device, not sent yet", conflict: "Two answers: choose one", refused: "Refused" };
const root = document.getElementById("case");
const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const PAUSE = 1000;
const state = { passing: null, going: new Map(), data: null, html: "", timers: new Map(), parts: [], sending: null, again: false };

if (root.hasAttribute("data-offline")) await offline();
else {
  state.data = JSON.parse(document.getElementById("assessment-data").textContent);
  state.html = root.innerHTML;
  await meetRoom(state.data.room);
  await start();
}

async function offline() {
  const found = location.pathname.match(/^\/assessments\/(\d+)\/$/);
  const kept = found ? await readAssessment(Number(found[1])) : null;
  if (kept) {
    state.data = kept.data;
    state.html = kept.html;
    root.innerHTML = kept.html; // written by the room, and sealed since
    document.title = `Case ${kept.data.case}: ${kept.data.area} · Scrutineer`;
    await start();
    return;
  }
  const listed = await keptAssessments();
  list(root.querySelector("[data-device-cases]"), listed);
  const text = root.querySelector("[data-offline-text]");
  if (!person() || !listed.length) text.textContent = "This page needs the network. No case is open on this device, or you have been signed out: sign in when the network is back. Answers that haven't been sent are kept.";
}

async function start() {
  for (const question of questions()) fill(question);
  const late = await unsent(state.data.assessment);
  for (const one of late) {
    state.data.answers[one.question] = { ...state.data.answers[one.question], ...content(one.content) };
    const question = place(one.question);
    if (question) {
      fill(question);
      mark(question, one.content.refused ? "refused" : "device", one.content.refused);
    }
  }
  for (const conflict of state.data.conflicts) showConflict(conflict);
  if (state.data.mayAnswer) listen();
  rules();
  sections();
  await keep();
  if (state.data.mayAnswer) await sendAll();
}

function content(given) {
  return Object.fromEntries(["value", ...TEXTS].map((name) => [name, given[name] ?? (name === "value" ? null : "")]));
}

function questions() {
  return [...root.querySelectorAll("[data-question]")];
}

function place(key) {
  return root.querySelector(`[data-question="${CSS.escape(key)}"]`);
}

function keep() {
  return keepAssessment(state.data.assessment, { html: state.html, data: state.data });
}

// -- what is in the form -----------------------------------------------------------------

function fill(question) {
  const key = question.dataset.question;
  const told = state.data.answers[key];
  if (!told) return;
  for (const input of question.querySelectorAll(`[name="${CSS.escape(key)}__value"]`)) {
    if (input.type === "radio") input.checked = input.value === (told.value ?? "");
    else if (input.type === "checkbox") input.checked = (told.value ?? "").split(";").includes(input.value);
    else input.value = told.value ?? "";
  }
  for (const name of TEXTS) {
    const text = question.querySelector(`textarea[name="${CSS.escape(key)}__${name}"]`);
    if (text) text.value = told[name] ?? "";
  }
  const clear = question.querySelector("[data-clear]");
  if (clear) clear.hidden = told.value === null;
}

function read(question) {
  const key = question.dataset.question;
  const inputs = [...question.querySelectorAll(`[name="${CSS.escape(key)}__value"]`)];
  const given = { value: null };
  if (question.dataset.field === "radios") given.value = inputs.find((one) => one.checked)?.value || null;
  else if (question.dataset.field === "checkboxes") given.value = inputs.filter((one) => one.checked).map((one) => one.value).join(";") || null;
  else given.value = inputs[0]?.value.trim() || null;
  for (const name of TEXTS) given[name] = question.querySelector(`textarea[name="${CSS.escape(key)}__${name}"]`)?.value.trim() ?? "";
  return given;
}

function mark(question, name, fault) {
  if (name) question.dataset.state = name;
  else delete question.dataset.state;
  const said = question.querySelector("[data-said]");
  if (said) said.textContent = name ? (fault ? `${LABELS[name]}: ${fault}` : LABELS[name]) : "";
  if (name === "refused") question.dataset.state = "conflict";
}

// -- saving -------------------------------------------------------------------------------

function listen() {
  root.addEventListener("change", (event) => {
    const question = event.target.closest("[data-question]");
    if (!question) return;
    if (event.target.type === "radio" && state.passing === question) later(question, PAUSE);
    else changed(question);
  });
  root.addEventListener("keydown", passing);
  root.addEventListener("pointerdown", () => (state.passing = null));
  root.addEventListener("focusout", settled);
  root.addEventListener("input", (event) => {
    const question = event.target.closest("[data-question]");
    if (!question || !event.target.matches("textarea, input:not([type=radio]):not([type=checkbox])")) return;
    later(question, 700);
  });
  root.addEventListener("click", (event) => {
    const clear = event.target.closest("[data-clear]");
    if (clear) takeBack(clear.closest("[data-question]"));
    if (event.target.closest("[data-next]")) nextOpen();
  });
  for (const form of root.querySelectorAll("[data-form]")) form.addEventListener("submit", (event) => event.preventDefault());
  root.querySelector("[data-complete]")?.addEventListener("submit", complete);
  document.addEventListener("visibilitychange", () => document.hidden && settleTimers(true));
  addEventListener("pagehide", () => settleTimers(true));
  addEventListener("online", () => sendAll());
  addEventListener("offline", () => network());
  setInterval(() => sendAll(), 20000);
  channel.addEventListener("message", ({ data }) => data.assessment === state.data.assessment && heardElsewhere(data));
}

function later(question, pause) {
  clearTimeout(state.timers.get(question));
  state.timers.set(question, setTimeout(() => changed(question), pause));
}

// An arrow key chooses each radio that it passes over. The answer is the one at which the keys come to rest: after a pause
// without another key, with Space or Enter, or when the question is left.
function passing(event) {
  const question = event.target.closest("[data-question]");
  if (!question || event.target.type !== "radio") return;
  if (ARROWS.has(event.key)) state.passing = question;
  else if (event.key === " " || event.key === "Enter") {
    state.passing = null;
    if (event.key === "Enter") event.preventDefault();
    if (state.timers.has(question)) changed(question);
  }
}

function settled(event) {
  const question = event.target.closest("[data-question]");
  if (!question || question.contains(event.relatedTarget)) return;
  if (state.passing === question) state.passing = null;
  if (state.timers.has(question)) changed(question);
}

function settleTimers(leaving) {
  // What is on its way to the disk when the page goes may not get there: it is sent as well, and saved once.
  if (leaving && navigator.onLine) for (const [key, sent] of state.going) sendLeaving(state.data.assessment, key, sent);
  for (const question of [...state.timers.keys()]) changed(question, leaving);
}

async function changed(question, leaving = false) {
  clearTimeout(state.timers.get(question));
  state.timers.delete(question);
  const key = question.dataset.question;
  const given = read(question);
  const before = state.data.answers[key];
  if (same(before, given)) return;
  state.data.answers[key] = { ...given, rev: before.rev, room: before.room };
  question.querySelector("[data-clear]").hidden = given.value === null;
  mark(question, "device");
  reasons(question);
  rules();
  // Of which room's history the revision is: after a restore the same number may belong to another answer.
  const seen = { base: before.rev, room: (before.room ?? state.data.room) || undefined, case: state.data.identity };
  const sent = { ...given, ...seen, uid: crypto.randomUUID() };
  if (leaving && navigator.onLine) sendLeaving(state.data.assessment, key, sent);
  state.going.set(key, sent);
  await enqueue(state.data.assessment, key, sent);
  await keep();
  await sendAll();
  if (state.going.get(key) === sent) state.going.delete(key);
}

function takeBack(question) {
  for (const input of question.querySelectorAll("input[type=radio], input[type=checkbox]")) input.checked = false;
  for (const input of question.querySelectorAll("fieldset > .govuk-input, fieldset > .govuk-textarea")) input.value = "";
  changed(question);
  question.focus();
}

function reasons(question) {
  const low = question.querySelector("input[data-below]:checked");
  const note = question.querySelector("[data-evidence]");
  if (low && note && !question.querySelector(`textarea[name$="__note"]`).value.trim()) note.open = true;
}

function sendAll() {
  if (state.sending) {
    state.again = true;
    return state.sending;
  }
  state.sending = (async () => {
    let halt;
    do {
      state.again = false;
      halt = await flush(heardOf);
    } while (state.again && !halt);
    await network(halt);
  })().finally(() => (state.sending = null));
  return state.sending;
}

function heardOf({ assessment, question: key, state: name, rev, said, content: sent, fault }) {
  if (assessment !== state.data.assessment) return;
  const question = place(key);
  const told = state.data.answers[key];
  if (!question || !told) return;
  if (rev !== undefined) [told.rev, told.room] = [rev, said?.room];
  if (said?.phase) phase(said);
  if (name === "conflict") conflictMet(key, said, sent);
  else if (name !== "saved" || same(told, sent)) mark(question, name, fault); // else a later answer is on its way already
  rules();
  keep();
}

// With its first answer a case is in progress.
function phase(said) {
  const tag = root.querySelector("[data-phase] .govuk-tag");
  if (!tag || said.state !== "in_progress") return;
  tag.textContent = said.phase;
  tag.classList.replace("govuk-tag--grey", "govuk-tag--blue");
}

// Another tab of this person saved an answer: it is shown here too, unless somebody is writing in it.
function heardElsewhere({ question: key, state: name, rev, content: sent, said }) {
  const question = place(key);
  const told = state.data.answers[key];
  if (name !== "saved" || !question || !told || rev <= told.rev || state.timers.has(question)) return;
  Object.assign(told, content(sent), { rev, room: said?.room });
  const writing = document.activeElement?.matches("textarea, input:not([type=radio]):not([type=checkbox])");
  if (!writing || document.activeElement.closest("[data-question]") !== question) fill(question);
  mark(question, "saved");
  rules();
  keep();
}

function same(one, other) {
  return ["value", ...TEXTS].every((name) => (one[name] ?? "") === (other[name] ?? ""));
}

async function network(halt) {
  const number = (await unsent()).length;
  const line = root.querySelector("[data-network]");
  if (!line) return;
  line.textContent =
    halt === "session"
      ? "You have been signed out. Sign in again in another tab to send your answers"
      : halt === "room"
        ? "Answers can't be saved at the moment. They stay on this device"
        : halt === "network" || !navigator.onLine
          ? "No network. Your answers stay on this device"
          : "Connected";
  root.querySelector("[data-unsent]").textContent = number ? `${number} answer${number === 1 ? "" : "s"} not sent yet` : "Everything is saved";
}

async function complete(event) {
  event.preventDefault();
  const form = event.target;
  settleTimers();
  await sendAll();
  if ((await unsent(state.data.assessment)).length) {
    root.querySelector("[data-unsent]").textContent = "You can't complete the case until every answer has been sent";
    root.querySelector("[data-network]").parentElement.scrollIntoView({ block: "nearest" });
    return;
  }
  await hear();
  form.submit();
}

// -- two answers to one question ----------------------------------------------------------

function conflictMet(key, said, sent) {
  if (said.standing) state.data.answers[key] = { ...content(said.standing), rev: said.rev, room: said.room };
  const conflict = { id: said.conflict, question: key, content: content(sent), closed: said.closed };
  state.data.conflicts = [...state.data.conflicts.filter((one) => one.id !== conflict.id), conflict];
  fill(place(key));
  showConflict(conflict);
}

function showConflict(conflict) {
  const question = place(conflict.question);
  if (!question || !state.data.mayAnswer) return;
  mark(question, "conflict");
  const stands = state.data.answers[conflict.question];
  const box = document.createElement("div");
  box.className = "room-conflict";
  const text = document.createElement("p");
  text.className = "govuk-body";
  text.textContent = conflict.closed ? "The case was closed before this answer arrived. The answer is kept. Ask the lead inspector to open the case again." : "This question was answered on two devices. Which answer do you want to keep?";
  const values = document.createElement("div");
  values.className = "room-conflict__values";
  values.append(choice(question, "Keep the recorded answer", stands, conflict, false), choice(question, "Use the other answer", conflict.content, conflict, true));
  box.append(text, values);
  question.querySelector("[data-conflicts]").replaceChildren(box);
}

function choice(question, title, given, conflict, take) {
  const column = document.createElement("div");
  const told = document.createElement("p");
  told.className = "govuk-body";
  const strong = document.createElement("strong");
  strong.textContent = label(question, given.value);
  told.append(strong);
  for (const name of TEXTS) if (given[name]) told.append(document.createElement("br"), given[name]);
  const button = document.createElement("button");
  button.type = "button";
  button.className = `govuk-button govuk-!-margin-bottom-0${take ? "" : " govuk-button--secondary"}`;
  button.textContent = title;
  button.addEventListener("click", () => settle(conflict, take));
  column.append(told, button);
  return column;
}

function label(question, value) {
  if (value === null || value === "") return "No answer";
  const input = question.querySelector(`input:is([type=radio], [type=checkbox])[value="${CSS.escape(value)}"]`);
  return input ? root.querySelector(`label[for="${CSS.escape(input.id)}"]`).textContent : value;
}

async function settle(conflict, take) {
  const question = place(conflict.question);
  let answer;
  try {
    answer = await ask("POST", `conflicts/${conflict.id}`, { take });
  } catch {
    mark(question, "conflict", "choose when you are back online");
    return;
  }
  if (answer.status !== 200) {
    mark(question, "conflict", answer.content?.faults?.[0]?.what ?? "this couldn't be settled");
    return;
  }
  state.data.conflicts = state.data.conflicts.filter((one) => one.id !== conflict.id);
  if (take) state.data.answers[conflict.question] = { ...content(conflict.content), rev: answer.content.rev, room: answer.content.room };
  question.querySelector("[data-conflicts]").replaceChildren();
  fill(question);
  mark(question, "saved");
  rules();
  await keep();
  question.focus();
}

// -- which questions apply, and how many are open -----------------------------------------

function rules() {
  const { data } = state;
  const facts = { ...data.facts };
  const given = {};
  for (const [key, told] of Object.entries(data.answers)) {
    const kind = data.particulars[key];
    if (kind === undefined) {
      if (told.value !== null) given[key] = told.value;
    } else if (told.value === null) delete facts[key];
    else facts[key] = kind === "yes_no" ? told.value === "yes" : kind === "number" ? Number(told.value) : told.value;
  }
  const truth = applies(data.rules, facts, given);
  const counted = { asked: 0, answered: 0 };
  const open = {};
  for (const question of questions()) {
    const key = question.dataset.question;
    const there = key in data.particulars ? true : truth[key];
    const answered = data.answers[key].value !== null;
    question.dataset.applies = there === true ? "yes" : there === false ? "no" : "open";
    question.hidden = there === false && !answered && !question.querySelector(".room-conflict");
    const told = question.querySelector("[data-not-asked]");
    told.hidden = there !== false;
    told.textContent = answered ? "This question doesn't apply to the case. Clear your answer." : "This question doesn't apply to the case.";
    const part = question.closest("[data-part]").dataset.part;
    open[part] ??= 0;
    if (there !== false) {
      counted.asked += 1;
      counted.answered += answered ? 1 : 0;
      open[part] += answered ? 0 : 1;
    }
  }
  for (const [part, number] of Object.entries(open)) {
    const place = root.querySelector(`[data-open="${CSS.escape(part)}"]`);
    if (place) place.textContent = number ? `${number} open` : "done";
  }
  for (const [name, number] of Object.entries(counted)) {
    const place = root.querySelector(`[data-${name}]`);
    if (place) place.textContent = number;
  }
}

// One criterion at a time; the address names it, so that going back works.
function sections() {
  state.parts = [...root.querySelectorAll("[data-part]")];
  addEventListener("hashchange", show);
  show();
}

function show() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const named = wanted ? document.getElementById(wanted) : null;
  const part = named?.closest("[data-part]") ?? state.parts.find((one) => one.querySelector('[data-applies="yes"]:not([data-state]), [data-applies="open"]:not([data-state])')) ?? state.parts[0];
  for (const one of state.parts) one.hidden = one !== part;
  for (const link of root.querySelectorAll("[data-criterion]")) {
    if (link.dataset.criterion === part?.dataset.part) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (named) {
    named.focus({ preventScroll: true });
    named.scrollIntoView({ block: "start" });
  }
}

function nextOpen() {
  const all = questions();
  const now = all.indexOf(document.activeElement?.closest("[data-question]"));
  const open = (one) => one.dataset.applies !== "no" && state.data.answers[one.dataset.question].value === null;
  const next = [...all.slice(now + 1), ...all.slice(0, now + 1)].find(open);
  if (!next) {
    root.querySelector("[data-unsent]").textContent = "Every question is answered";
    return;
  }
  if (location.hash === `#${next.id}`) show();
  else location.hash = next.id;
  next.querySelector("input:not([type=hidden]), textarea")?.focus();
}
