// The case assessment form: each answer is kept at once on this device, then sent; what applies follows the same rules
// as in the room; two answers to one question are shown side by side until somebody chooses.
import { settleCase } from "./applicability.js";
import {
  callApi,
  channel,
  enqueue,
  flush,
  reportUnsent,
  storeAssessment,
  listAssessments,
  meetRoom,
  readPerson,
  readAssessment,
  sendLeaving,
  listUnsent,
} from "./device.js";
import { showAssessments } from "./room.js";
import { say, sayCount } from "./texts.js";

const TEXTS = ["from_file", "from_manager", "from_offender", "note"];
const LABELS = {
  saved: say("state_saved"),
  device: say("state_device"),
  conflict: say("state_conflict"),
  refused: say("state_refused"),
};
const root = document.getElementById("case");
const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const PAUSE = 1000;
const state = {
  arrowedQuestion: null,
  inFlight: new Map(),
  data: null,
  html: "",
  timers: new Map(),
  parts: [],
  sending: null,
  sendAgain: false,
};

if (root.hasAttribute("data-offline")) await showOffline();
else {
  state.data = JSON.parse(document.getElementById("assessment-data").textContent);
  state.html = root.innerHTML;
  await meetRoom(state.data.room);
  await start();
}

async function showOffline() {
  const match = location.pathname.match(/^\/assessments\/(\d+)\/$/);
  const stored = match ? await readAssessment(Number(match[1])) : null;
  if (stored) {
    state.data = stored.data;
    state.html = stored.html;
    root.innerHTML = stored.html; // written by the room, and sealed since
    document.title = say("offline_title", { case: stored.data.case, area: stored.data.area });
    await start();
    return;
  }
  const assessments = await listAssessments();
  showAssessments(root.querySelector("[data-device-cases]"), assessments);
  const text = root.querySelector("[data-offline-text]");
  if (!readPerson() || !assessments.length) text.textContent = say("offline_no_case");
}

async function start() {
  for (const question of findQuestions()) fillQuestion(question);
  const waiting = await listUnsent(state.data.assessment);
  for (const row of waiting) {
    state.data.answers[row.question] = { ...state.data.answers[row.question], ...pickContent(row.content) };
    const question = findQuestion(row.question);
    if (question) {
      fillQuestion(question);
      markState(question, row.content.refused ? "refused" : "device", row.content.refused);
    }
  }
  for (const conflict of state.data.conflicts) showConflict(conflict);
  if (state.data.mayAnswer) listenToForm();
  applyRules();
  openParts();
  await storeCase();
  if (state.data.mayAnswer) await sendAll();
}

function pickContent(answer) {
  return Object.fromEntries(["value", ...TEXTS].map((name) => [name, answer[name] ?? (name === "value" ? null : "")]));
}

function findQuestions() {
  return [...root.querySelectorAll("[data-question]")];
}

function findQuestion(key) {
  return root.querySelector(`[data-question="${CSS.escape(key)}"]`);
}

function storeCase() {
  return storeAssessment(state.data.assessment, { html: state.html, data: state.data });
}

// -- what is in the form -----------------------------------------------------------------

function fillQuestion(question) {
  const key = question.dataset.question;
  const answer = state.data.answers[key];
  if (!answer) return;
  for (const input of question.querySelectorAll(`[name="${CSS.escape(key)}__value"]`)) {
    if (input.type === "radio") input.checked = input.value === (answer.value ?? "");
    else if (input.type === "checkbox") input.checked = (answer.value ?? "").split(";").includes(input.value);
    else input.value = answer.value ?? "";
  }
  for (const name of TEXTS) {
    const text = question.querySelector(`textarea[name="${CSS.escape(key)}__${name}"]`);
    if (text) text.value = answer[name] ?? "";
  }
  const clear = question.querySelector("[data-clear]");
  if (clear) clear.hidden = answer.value === null;
}

function readAnswer(question) {
  const key = question.dataset.question;
  const inputs = [...question.querySelectorAll(`[name="${CSS.escape(key)}__value"]`)];
  const answer = { value: null };
  if (question.dataset.field === "radios") answer.value = inputs.find((input) => input.checked)?.value || null;
  else if (question.dataset.field === "checkboxes")
    answer.value =
      inputs
        .filter((input) => input.checked)
        .map((input) => input.value)
        .join(";") || null;
  else answer.value = inputs[0]?.value.trim() || null;
  for (const name of TEXTS)
    answer[name] = question.querySelector(`textarea[name="${CSS.escape(key)}__${name}"]`)?.value.trim() ?? "";
  return answer;
}

function markState(question, name, fault) {
  if (name) question.dataset.state = name;
  else delete question.dataset.state;
  const line = question.querySelector("[data-said]");
  if (line) line.textContent = name ? (fault ? `${LABELS[name]}: ${fault}` : LABELS[name]) : "";
  if (name === "refused") question.dataset.state = "conflict";
}

// -- saving -------------------------------------------------------------------------------

function listenToForm() {
  root.addEventListener("change", (event) => {
    const question = event.target.closest("[data-question]");
    if (!question) return;
    if (event.target.type === "radio" && state.arrowedQuestion === question) saveLater(question, PAUSE);
    else saveAnswer(question);
  });
  root.addEventListener("keydown", handleKey);
  root.addEventListener("pointerdown", () => (state.arrowedQuestion = null));
  root.addEventListener("focusout", handleLeaving);
  root.addEventListener("input", (event) => {
    const question = event.target.closest("[data-question]");
    if (!question || !event.target.matches("textarea, input:not([type=radio]):not([type=checkbox])")) return;
    saveLater(question, 700);
  });
  root.addEventListener("click", (event) => {
    const clear = event.target.closest("[data-clear]");
    if (clear) clearAnswer(clear.closest("[data-question]"));
    if (event.target.closest("[data-next]")) goToNextOpen();
  });
  for (const form of root.querySelectorAll("[data-form]"))
    form.addEventListener("submit", (event) => event.preventDefault());
  root.querySelector("[data-complete]")?.addEventListener("submit", completeCase);
  document.addEventListener("visibilitychange", () => document.hidden && saveNow(true));
  addEventListener("pagehide", () => saveNow(true));
  addEventListener("online", () => sendAll());
  addEventListener("offline", () => showNetwork());
  setInterval(() => sendAll(), 20000);
  channel.addEventListener(
    "message",
    ({ data }) => data.assessment === state.data.assessment && showFromOtherTab(data),
  );
}

function saveLater(question, pause) {
  clearTimeout(state.timers.get(question));
  state.timers.set(
    question,
    setTimeout(() => saveAnswer(question), pause),
  );
}

// An arrow key chooses each radio that it passes over. The answer is the one at which the keys come to rest: after a
// pause without another key, with Space or Enter, or when the question is left.
function handleKey(event) {
  const question = event.target.closest("[data-question]");
  if (!question || event.target.type !== "radio") return;
  if (ARROWS.has(event.key)) state.arrowedQuestion = question;
  else if (event.key === " " || event.key === "Enter") {
    state.arrowedQuestion = null;
    if (event.key === "Enter") event.preventDefault();
    if (state.timers.has(question)) saveAnswer(question);
  }
}

function handleLeaving(event) {
  const question = event.target.closest("[data-question]");
  if (!question || question.contains(event.relatedTarget)) return;
  if (state.arrowedQuestion === question) state.arrowedQuestion = null;
  if (state.timers.has(question)) saveAnswer(question);
}

function saveNow(leaving) {
  // What is on its way to the disk when the page goes may not get there: it is sent as well, and saved once.
  if (leaving && navigator.onLine)
    for (const [key, sent] of state.inFlight) sendLeaving(state.data.assessment, key, sent);
  for (const question of [...state.timers.keys()]) saveAnswer(question, leaving);
}

async function saveAnswer(question, leaving = false) {
  clearTimeout(state.timers.get(question));
  state.timers.delete(question);
  const key = question.dataset.question;
  const answer = readAnswer(question);
  const previous = state.data.answers[key];
  if (isSameAnswer(previous, answer)) return;
  state.data.answers[key] = { ...answer, rev: previous.rev, room: previous.room };
  question.querySelector("[data-clear]").hidden = answer.value === null;
  markState(question, "device");
  openReasons(question);
  applyRules();
  // Of which room's history the revision is: after a restore the same number may belong to another answer.
  const basis = {
    base: previous.rev,
    room: (previous.room ?? state.data.room) || undefined,
    case: state.data.identity,
  };
  const sent = { ...answer, ...basis, uid: crypto.randomUUID() };
  if (leaving && navigator.onLine) sendLeaving(state.data.assessment, key, sent);
  state.inFlight.set(key, sent);
  await enqueue(state.data.assessment, key, sent);
  await storeCase();
  await sendAll();
  if (state.inFlight.get(key) === sent) state.inFlight.delete(key);
}

function clearAnswer(question) {
  for (const input of question.querySelectorAll("input[type=radio], input[type=checkbox]")) input.checked = false;
  for (const input of question.querySelectorAll("fieldset > .govuk-input, fieldset > .govuk-textarea"))
    input.value = "";
  saveAnswer(question);
  question.focus();
}

function openReasons(question) {
  const low = question.querySelector("input[data-below]:checked");
  const note = question.querySelector("[data-evidence]");
  if (low && note && !question.querySelector(`textarea[name$="__note"]`).value.trim()) note.open = true;
}

function sendAll() {
  if (state.sending) {
    state.sendAgain = true;
    return state.sending;
  }
  state.sending = (async () => {
    let halt;
    do {
      state.sendAgain = false;
      halt = await flush(showResult);
    } while (state.sendAgain && !halt);
    await showNetwork(halt);
  })().finally(() => (state.sending = null));
  return state.sending;
}

function showResult({ assessment, question: key, state: name, rev, reply, content: sent, fault }) {
  if (assessment !== state.data.assessment) return;
  const question = findQuestion(key);
  const answer = state.data.answers[key];
  if (!question || !answer) return;
  if (rev !== undefined) [answer.rev, answer.room] = [rev, reply?.room];
  if (reply?.phase) showPhase(reply);
  if (name === "conflict") addConflict(key, reply, sent);
  // Where the saved answer isn't the one on the screen, a later one is on its way already.
  else if (name !== "saved" || isSameAnswer(answer, sent)) markState(question, name, fault);
  applyRules();
  storeCase();
}

// With its first answer a case is in progress.
function showPhase(reply) {
  const tag = root.querySelector("[data-phase] .govuk-tag");
  if (!tag || reply.state !== "in_progress") return;
  tag.textContent = reply.phase;
  tag.classList.replace("govuk-tag--grey", "govuk-tag--blue");
}

// Another tab of this person saved an answer: it is shown here too, unless somebody is writing in it.
function showFromOtherTab({ question: key, state: name, rev, content: sent, reply }) {
  const question = findQuestion(key);
  const answer = state.data.answers[key];
  if (name !== "saved" || !question || !answer || rev <= answer.rev || state.timers.has(question)) return;
  Object.assign(answer, pickContent(sent), { rev, room: reply?.room });
  const writing = document.activeElement?.matches("textarea, input:not([type=radio]):not([type=checkbox])");
  if (!writing || document.activeElement.closest("[data-question]") !== question) fillQuestion(question);
  markState(question, "saved");
  applyRules();
  storeCase();
}

function isSameAnswer(first, second) {
  return ["value", ...TEXTS].every((name) => (first[name] ?? "") === (second[name] ?? ""));
}

async function showNetwork(halt) {
  const count = (await listUnsent()).length;
  const line = root.querySelector("[data-network]");
  if (!line) return;
  line.textContent =
    halt === "session"
      ? say("network_signed_out")
      : halt === "room"
        ? say("network_not_saving")
        : halt === "network" || !navigator.onLine
          ? say("network_none")
          : say("network_connected");
  root.querySelector("[data-unsent]").textContent = count
    ? sayCount("answers_not_sent", count)
    : say("everything_saved");
}

async function completeCase(event) {
  event.preventDefault();
  const form = event.target;
  saveNow();
  await sendAll();
  if ((await listUnsent(state.data.assessment)).length) {
    root.querySelector("[data-unsent]").textContent = say("complete_not_sent");
    root.querySelector("[data-network]").parentElement.scrollIntoView({ block: "nearest" });
    return;
  }
  await reportUnsent();
  form.submit();
}

// -- two answers to one question ----------------------------------------------------------

function addConflict(key, reply, sent) {
  if (reply.standing) state.data.answers[key] = { ...pickContent(reply.standing), rev: reply.rev, room: reply.room };
  const conflict = { id: reply.conflict, question: key, content: pickContent(sent), closed: reply.closed };
  state.data.conflicts = [...state.data.conflicts.filter((other) => other.id !== conflict.id), conflict];
  fillQuestion(findQuestion(key));
  showConflict(conflict);
}

function showConflict(conflict) {
  const question = findQuestion(conflict.question);
  if (!question || !state.data.mayAnswer) return;
  markState(question, "conflict");
  const recorded = state.data.answers[conflict.question];
  const box = document.createElement("div");
  box.className = "room-conflict";
  const text = document.createElement("p");
  text.className = "govuk-body";
  text.textContent = conflict.closed ? say("conflict_closed") : say("conflict_which");
  const values = document.createElement("div");
  values.className = "room-conflict__values";
  values.append(
    makeChoice(question, say("conflict_keep"), recorded, conflict, false),
    makeChoice(question, say("conflict_take"), conflict.content, conflict, true),
  );
  box.append(text, values);
  question.querySelector("[data-conflicts]").replaceChildren(box);
}

function makeChoice(question, title, answer, conflict, take) {
  const column = document.createElement("div");
  const paragraph = document.createElement("p");
  paragraph.className = "govuk-body";
  const strong = document.createElement("strong");
  strong.textContent = findLabel(question, answer.value);
  paragraph.append(strong);
  for (const name of TEXTS) if (answer[name]) paragraph.append(document.createElement("br"), answer[name]);
  const button = document.createElement("button");
  button.type = "button";
  button.className = `govuk-button govuk-!-margin-bottom-0${take ? "" : " govuk-button--secondary"}`;
  button.textContent = title;
  button.addEventListener("click", () => settleConflict(conflict, take));
  column.append(paragraph, button);
  return column;
}

function findLabel(question, value) {
  if (value === null || value === "") return say("no_answer");
  const input = question.querySelector(`input:is([type=radio], [type=checkbox])[value="${CSS.escape(value)}"]`);
  return input ? root.querySelector(`label[for="${CSS.escape(input.id)}"]`).textContent : value;
}

async function settleConflict(conflict, take) {
  const question = findQuestion(conflict.question);
  let response;
  try {
    response = await callApi("POST", `conflicts/${conflict.id}`, { take });
  } catch {
    markState(question, "conflict", say("conflict_offline"));
    return;
  }
  if (response.status !== 200) {
    markState(question, "conflict", response.content?.faults?.[0]?.what ?? say("conflict_not_settled"));
    return;
  }
  state.data.conflicts = state.data.conflicts.filter((other) => other.id !== conflict.id);
  if (take)
    state.data.answers[conflict.question] = {
      ...pickContent(conflict.content),
      rev: response.content.rev,
      room: response.content.room,
    };
  question.querySelector("[data-conflicts]").replaceChildren();
  fillQuestion(question);
  markState(question, "saved");
  applyRules();
  await storeCase();
  question.focus();
}

// -- which questions apply, and how many are open -----------------------------------------

function applyRules() {
  const { data } = state;
  const facts = { ...data.facts };
  const answers = {};
  for (const [key, answer] of Object.entries(data.answers)) {
    const kind = data.particulars[key];
    if (kind === undefined) {
      if (answer.value !== null) answers[key] = answer.value;
    } else if (answer.value === null) delete facts[key];
    else
      facts[key] = kind === "yes_no" ? answer.value === "yes" : kind === "number" ? Number(answer.value) : answer.value;
  }
  const settled = settleCase(data.rules, facts, answers);
  const counts = { asked: 0, answered: 0 };
  const open = {};
  for (const question of findQuestions()) {
    const key = question.dataset.question;
    const applicable = key in data.particulars ? true : settled[key].applies;
    if (question.dataset.field === "derived") {
      showDerived(question, settled[key], data.rules.derived?.[key] ?? []);
      continue;
    }
    const answered = data.answers[key].value !== null;
    question.dataset.applies = applicable === true ? "yes" : applicable === false ? "no" : "open";
    question.hidden = applicable === false && !answered && !question.querySelector(".room-conflict");
    const notice = question.querySelector("[data-not-asked]");
    notice.hidden = applicable !== false;
    notice.textContent = answered ? say("not_asked_clear") : say("not_asked");
    const part = question.closest("[data-part]").dataset.part;
    open[part] ??= 0;
    if (applicable !== false) {
      counts.asked += 1;
      counts.answered += answered ? 1 : 0;
      open[part] += answered ? 0 : 1;
    }
  }
  for (const [part, number] of Object.entries(open)) {
    const counter = root.querySelector(`[data-open="${CSS.escape(part)}"]`);
    if (counter) counter.textContent = number ? say("criterion_open", { number }) : say("criterion_done");
  }
  for (const [name, number] of Object.entries(counts)) {
    const counter = root.querySelector(`[data-${name}]`);
    if (counter) counter.textContent = number;
  }
}

// An answer that follows from others, with the rule that gave it.
function showDerived(question, { applies, answer, rule }, rules) {
  question.dataset.applies = applies === true ? "yes" : applies === false ? "no" : "open";
  question.hidden = applies === false;
  question.dataset.state = "derived";
  const own = rule === null ? null : rules[rule - 1];
  question.querySelector("[data-derived]").textContent = own ? own.label : say("derived_open");
  question.querySelector("[data-rule]").textContent = own?.title ?? "";
}

// One criterion at a time; the address names it, so that going back works.
function openParts() {
  state.parts = [...root.querySelectorAll("[data-part]")];
  addEventListener("hashchange", showPart);
  showPart();
}

function showPart() {
  const name = decodeURIComponent(location.hash.slice(1));
  const target = name ? document.getElementById(name) : null;
  const part =
    target?.closest("[data-part]") ??
    state.parts.find((candidate) =>
      candidate.querySelector('[data-applies="yes"]:not([data-state]), [data-applies="open"]:not([data-state])'),
    ) ??
    state.parts[0];
  for (const candidate of state.parts) candidate.hidden = candidate !== part;
  for (const link of root.querySelectorAll("[data-criterion]")) {
    if (link.dataset.criterion === part?.dataset.part) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (target) {
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
  }
}

function goToNextOpen() {
  const candidates = findQuestions();
  const current = candidates.indexOf(document.activeElement?.closest("[data-question]"));
  const isOpen = (question) =>
    question.dataset.field !== "derived" &&
    question.dataset.applies !== "no" && state.data.answers[question.dataset.question].value === null;
  const next = [...candidates.slice(current + 1), ...candidates.slice(0, current + 1)].find(isOpen);
  if (!next) {
    root.querySelector("[data-unsent]").textContent = say("every_question_answered");
    return;
  }
  if (location.hash === `#${next.id}`) showPart();
  else location.hash = next.id;
  next.querySelector("input:not([type=hidden]), textarea")?.focus();
}
