// Every form: characters counted while typing, sent once, and kept while the page is away. What was typed is kept in
// this tab alone, for the person who typed it, until the form has been saved or the person signs out.
import { language, say, sayCount } from "./texts.js";

const KEY = "scrutineer-draft:";
const person = document.body.dataset.person ?? document.body.dataset.signedIn ?? "";
const page = document.body.dataset.page ?? location.pathname + location.search;
const isFilled = document.body.hasAttribute("data-filled") || document.querySelector(".govuk-error-summary") !== null;
const SENT = `${KEY}${person}:sent:`;
const NOT_SAVED = say("draft_not_saved");
const WAS_SAVED = say("draft_was_saved");
const BASES = new Set(["base", "seen"]);
const OMITTED_TYPES = new Set(["hidden", "submit", "button", "image", "reset", "file", "password"]);

// A page that a form led to, at an address that only takes forms: the address is that of the page it shows.
if (document.body.dataset.page) history.replaceState(null, "", document.body.dataset.page);

function findForms() {
  return [...document.querySelectorAll("form")].filter(
    (form) =>
      form.method === "post" &&
      !form.matches("[data-form], [data-write], [data-sign-out]") &&
      form.querySelector("[name=form_id]"),
  );
}

function findFields(form) {
  return [...form.elements].filter(
    (field) =>
      field.name && !OMITTED_TYPES.has(field.type) && field.tagName !== "BUTTON" && !field.name.includes("password"),
  );
}

// A form by where it sends to and what it is about.
function nameDraft(form) {
  const about = [...form.querySelectorAll("input[type=hidden]")].filter(
    (field) => !["csrfmiddlewaretoken", "form_id", "base", "seen", "uid"].includes(field.name),
  );
  const subject = about.map((field) => `${field.name}=${field.value}`).join("&");
  return `${KEY}${person}:${page}:${new URL(form.action, location.href).pathname}:${subject}`;
}

function readDraft(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

function writeDraft(name, draft) {
  try {
    sessionStorage.setItem(name, JSON.stringify(draft));
  } catch {
    // The browser keeps no more: the page itself still has it.
  }
}

function readValue(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  return field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
}

function keepDraft(form) {
  const values = findFields(form).map((field) => [
    field.name,
    field.type === "radio" || field.type === "checkbox" ? field.value : null,
    readValue(field),
  ]);
  writeDraft(nameDraft(form), {
    id: form.querySelector("[name=form_id]").value,
    values,
    began: findBases(form).map((field) => [field.name, field.value]),
  });
}

// What an edit began from: kept with it, so that the room notices what somebody else has changed meanwhile.
function findBases(form) {
  return [...form.querySelectorAll("input[type=hidden]")].filter((field) => BASES.has(field.name));
}

function restore(form, draft) {
  const used = new Map();
  let changed = false;
  for (const field of findFields(form)) {
    const option = field.type === "radio" || field.type === "checkbox" ? field.value : null;
    const key = `${field.name}\n${option}`;
    const nth = used.get(key) ?? 0;
    used.set(key, nth + 1);
    const entry = draft.values.filter(([name, value]) => name === field.name && value === option)[nth];
    if (!entry) continue;
    const value = entry[2];
    if (JSON.stringify(readValue(field)) === JSON.stringify(value)) continue;
    changed = true;
    if (option !== null) field.checked = value;
    else if (field.multiple) for (const input of field.options) input.selected = value.includes(input.value);
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (changed)
    for (const [name, value] of draft.began ?? [])
      for (const input of findBases(form)) if (input.name === name) input.value = value;
  return changed;
}

// -- what was typed ------------------------------------------------------------------------

export function forgetDrafts() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(KEY)) sessionStorage.removeItem(name);
}

const savedIds = (document.body.dataset.saved ?? "").split(" ").filter(Boolean);
for (const name of Object.keys(sessionStorage)) {
  if (!name.startsWith(KEY)) continue;
  if (!name.startsWith(`${KEY}${person}:`)) sessionStorage.removeItem(name);
  else if (savedIds.includes(readDraft(name)?.id)) {
    writeDraft(SENT + readDraft(name).id, readDraft(name));
    sessionStorage.removeItem(name);
  }
}

// Back in the browser: a form that was sent has its id again, so that the room knows it, and what was typed in it.
const wentBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const ids = (wentBack && history.state?.ids) || {};
for (const form of findForms()) {
  const name = nameDraft(form);
  const id = form.querySelector("[name=form_id]");
  const sent = ids[name] ? readDraft(SENT + ids[name]) : null;
  if (sent && !isFilled) id.value = ids[name];
  ids[name] = id.value;
  const draft = readDraft(name) ?? sent;
  // A form that the room has just filled holds the same, and is left alone; the others on its page are as they were
  // typed.
  if (draft && restore(form, draft)) offerRemoval(form, name, sent ? WAS_SAVED : NOT_SAVED);
  form.addEventListener("input", () => keepDraft(form));
  form.addEventListener("change", () => keepDraft(form));
}

history.replaceState({ ...history.state, ids }, "");

function offerRemoval(form, name, message) {
  const note = document.createElement("div");
  note.className = "govuk-inset-text room-draft";
  note.setAttribute("role", "status");
  const text = document.createElement("p");
  text.className = "govuk-body";
  text.textContent = message;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "govuk-button govuk-button--secondary govuk-!-margin-bottom-0";
  drop.textContent = say("draft_remove");
  drop.addEventListener("click", () => {
    sessionStorage.removeItem(name);
    form.reset();
    note.remove();
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  });
  note.append(text, drop);
  form.prepend(note);
}

// -- sent once -----------------------------------------------------------------------------

// A second click while the first is on its way sends nothing: the room would answer both alike, and this is quicker.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 3000);
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// -- counted while one types ---------------------------------------------------------------

const SHOWN_FROM = 0.75;
const defaultLimit = Number(document.body.dataset.limit);

function countCharacters(field) {
  const limit = Number(field.dataset.limit) || defaultLimit;
  const length = field.value.replace(/\r\n/g, "\n").length;
  const existing = field.nextElementSibling?.matches("[data-count]") ? field.nextElementSibling : null;
  if (length < limit * SHOWN_FROM && !existing) return;
  const line = existing ?? document.createElement("p");
  if (!existing) {
    line.dataset.count = "";
    line.id = `${field.id || field.name}-count`;
    line.setAttribute("role", "status");
    field.after(line);
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
  }
  const left = limit - length;
  const number = Math.abs(left);
  const values = { number: number.toLocaleString(language) };
  line.className =
    left < 0 ? "govuk-error-message govuk-character-count__status" : "govuk-hint govuk-character-count__message";
  line.hidden = length < limit * SHOWN_FROM;
  line.textContent = sayCount(left < 0 ? "characters_too_many" : "characters_remaining", number, values);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches?.("textarea, input[data-limit]") && !target.readOnly) countCharacters(target);
});
for (const field of document.querySelectorAll("textarea, input[data-limit]"))
  if (!field.readOnly) countCharacters(field);
