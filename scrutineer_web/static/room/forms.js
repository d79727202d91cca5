// Every form: characters counted while typing, sent once, and kept while the page is away. What was typed is kept in this tab alone,
// for the person who typed it, until the form has been saved or the person signs out.
const KEY = "scrutineer-draft:";
const person = document.body.dataset.person ?? document.body.dataset.signedIn ?? "";
const here = document.body.dataset.page ?? location.pathname + location.search;
const filled = document.body.hasAttribute("data-filled") || document.querySelector(".govuk-error-summary") !== null;
const SENT = `${KEY}${person}:sent:`;
const NOT_SAVED = "What you typed here before is back. It isn't saved yet.";
const WAS_SAVED = "You already sent this form, and it was saved. Sending it again without changes does nothing.";
const BEGAN = new Set(["base", "seen"]);
const NOT_KEPT = new Set(["hidden", "submit", "button", "image", "reset", "file", "password"]);

// A page that a form led to, at an address that only takes forms: the address is that of the page it shows.
if (document.body.dataset.page) history.replaceState(null, "", document.body.dataset.page);

function forms() {
  return [...document.querySelectorAll("form")].filter((one) => one.method === "post" && !one.matches("[data-form], [data-write], [data-sign-out]") && one.querySelector("[name=form_id]"));
}

function fields(form) {
  return [...form.elements].filter((one) => one.name && !NOT_KEPT.has(one.type) && one.tagName !== "BUTTON" && !one.name.includes("password"));
}

// A form by where it sends to and what it is about.
function nameOf(form) {
  const about = [...form.querySelectorAll("input[type=hidden]")].filter((one) => !["csrfmiddlewaretoken", "form_id", "base", "seen", "uid"].includes(one.name));
  return `${KEY}${person}:${here}:${new URL(form.action, location.href).pathname}:${about.map((one) => `${one.name}=${one.value}`).join("&")}`;
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

function write(name, draft) {
  try {
    sessionStorage.setItem(name, JSON.stringify(draft));
  } catch {
    // The browser keeps no more: the page itself still has it.
  }
}

function valueOf(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  return field.multiple ? [...field.selectedOptions].map((one) => one.value) : field.value;
}

function keep(form) {
  const values = fields(form).map((one) => [one.name, one.type === "radio" || one.type === "checkbox" ? one.value : null, valueOf(one)]);
  write(nameOf(form), { id: form.querySelector("[name=form_id]").value, values, began: began(form).map((one) => [one.name, one.value]) });
}

// What an edit began from: kept with it, so that the room notices what somebody else has changed meanwhile.
function began(form) {
  return [...form.querySelectorAll("input[type=hidden]")].filter((one) => BEGAN.has(one.name));
}

function restore(form, draft) {
  const used = new Map();
  let changed = false;
  for (const field of fields(form)) {
    const option = field.type === "radio" || field.type === "checkbox" ? field.value : null;
    const place = `${field.name}\n${option}`;
    const nth = used.get(place) ?? 0;
    used.set(place, nth + 1);
    const found = draft.values.filter(([name, value]) => name === field.name && value === option)[nth];
    if (!found) continue;
    const kept = found[2];
    if (JSON.stringify(valueOf(field)) === JSON.stringify(kept)) continue;
    changed = true;
    if (option !== null) field.checked = kept;
    else if (field.multiple) for (const one of field.options) one.selected = kept.includes(one.value);
    else field.value = kept;
    field.closest("details")?.setAttribute("open", "");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (changed) for (const [name, value] of draft.began ?? []) for (const one of began(form)) if (one.name === name) one.value = value;
  return changed;
}

// -- what was typed ------------------------------------------------------------------------

export function forgetDrafts() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(KEY)) sessionStorage.removeItem(name);
}

const saved = (document.body.dataset.saved ?? "").split(" ").filter(Boolean);
for (const name of Object.keys(sessionStorage)) {
  if (!name.startsWith(KEY)) continue;
  if (!name.startsWith(`${KEY}${person}:`)) sessionStorage.removeItem(name);
  else if (saved.includes(read(name)?.id)) {
    write(SENT + read(name).id, read(name));
    sessionStorage.removeItem(name);
  }
}

// Back in the browser: a form that was sent has its id again, so that the room knows it, and what was typed in it.
const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const ids = (back && history.state?.ids) || {};
for (const form of forms()) {
  const name = nameOf(form);
  const id = form.querySelector("[name=form_id]");
  const sent = ids[name] ? read(SENT + ids[name]) : null;
  if (sent && !filled) id.value = ids[name];
  ids[name] = id.value;
  const draft = read(name) ?? sent;
  // A form that the room has just filled holds the same, and is left alone; the others on its page are as they were typed.
  if (draft && restore(form, draft)) offerToDrop(form, name, sent ? WAS_SAVED : NOT_SAVED);
  form.addEventListener("input", () => keep(form));
  form.addEventListener("change", () => keep(form));
}

history.replaceState({ ...history.state, ids }, "");

function offerToDrop(form, name, words) {
  const note = document.createElement("div");
  note.className = "govuk-inset-text room-draft";
  note.setAttribute("role", "status");
  const text = document.createElement("p");
  text.className = "govuk-body";
  text.textContent = words;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "govuk-button govuk-button--secondary govuk-!-margin-bottom-0";
  drop.textContent = "Remove it";
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
const most = Number(document.body.dataset.limit);

function count(field) {
  const limit = Number(field.dataset.limit) || most;
  const length = field.value.replace(/\r\n/g, "\n").length;
  const said = field.nextElementSibling?.matches("[data-count]") ? field.nextElementSibling : null;
  if (length < limit * SHOWN_FROM && !said) return;
  const line = said ?? document.createElement("p");
  if (!said) {
    line.dataset.count = "";
    line.id = `${field.id || field.name}-count`;
    line.setAttribute("role", "status");
    field.after(line);
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
  }
  const left = limit - length;
  const number = Math.abs(left).toLocaleString("en-GB");
  line.className = left < 0 ? "govuk-error-message govuk-character-count__status" : "govuk-hint govuk-character-count__message";
  line.hidden = length < limit * SHOWN_FROM;
  const letters = Math.abs(left) === 1 ? "character" : "characters";
  line.textContent = left < 0 ? `You have ${number} ${letters} too many` : `You have ${number} ${letters} remaining`;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches?.("textarea, input[data-limit]") && !target.readOnly) count(target);
});
for (const field of document.querySelectorAll("textarea, input[data-limit]")) if (!field.readOnly) count(field);
