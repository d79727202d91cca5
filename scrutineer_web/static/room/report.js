// Writing a text of the report: saved while writing, figures offered while typing, and its proof and preview next to it.
const form = document.querySelector("[data-write]");
const area = form.querySelector("textarea");
const base = form.querySelector("[name=base]");
const said = document.querySelector("[data-said]");
const offers = document.getElementById("offers");
const conflict = document.querySelector("[data-conflict]");
const element = (location.pathname.match(/\/elements\/([^/]+)\//) || [])[1] || "";
const DRAFT = `scrutineer-draft:${document.body.dataset.signedIn}:text:${location.pathname}`;
const SIGNED_OUT = "You are signed out. Sign in again in another tab and this text will be saved.";
let saved = document.body.hasAttribute("data-filled") ? null : area.value;
let saving = false;
let wait = null;

// The token changes with each sign-in: also with one in another tab.
function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? form.querySelector("[name=csrfmiddlewaretoken]").value;
}

// What is not saved yet is kept in this tab, for the person who typed it, with the version that it began from.
function keepDraft() {
  try {
    if (area.value === saved) sessionStorage.removeItem(DRAFT);
    else sessionStorage.setItem(DRAFT, JSON.stringify({ content: area.value, base: base.value }));
  } catch {
    // The browser keeps no more: the page itself still has it.
  }
}

function restoreDraft() {
  let draft = null;
  try {
    draft = JSON.parse(sessionStorage.getItem(DRAFT));
  } catch {
    draft = null;
  }
  if (!draft || draft.content === area.value || document.body.hasAttribute("data-filled")) return;
  area.value = draft.content;
  base.value = draft.base;
  tell("Your earlier text has been restored and is being saved.");
  later();
}

async function send(url, content) {
  const body = new FormData();
  body.set("content", content);
  body.set("base", base.value);
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
  if (answer.status === 401 || answer.status === 403) throw new Error(SIGNED_OUT);
  if (answer.status === 422) throw new Error((await answer.json()).faults.map((f) => `${f.what}. ${f.do}`).join(" "));
  if (!answer.ok || answer.redirected) throw new Error("");
  return answer.json();
}

function tell(text) {
  said.textContent = text;
}

// The preview is made in the background: until it is ready, the earlier one stays, and the page asks again.
let looking = 0;
const waiting = document.querySelector("[data-waiting]");

function show(look) {
  const number = ++looking;
  waiting.hidden = !look.waiting;
  if (look.waiting) lookAgain(number, 150);
  if (look.waiting && !look.html) return;
  paint(look);
}

function lookAgain(number, pause) {
  setTimeout(async () => {
    if (number !== looking) return;
    try {
      const look = await send(form.dataset.look, saved === null ? area.value : saved);
      if (number !== looking) return;
      if (look.waiting) return lookAgain(number, Math.min(1500, pause * 1.5));
      waiting.hidden = true;
      paint(look);
    } catch {
      lookAgain(number, 4000);
    }
  }, pause);
}

function paint(look) {
  document.querySelector("[data-preview]").innerHTML = look.html;
  const place = document.querySelector("[data-remarks]");
  const notes = look.faults.map((text) => note("error", text));
  for (const r of look.remarks) {
    const one = note(r.severity, `: ${r.message}.${r.do ? ` ${r.do[0].toUpperCase()}${r.do.slice(1)}.` : ""}`);
    const line = document.createElement("button");
    line.type = "button";
    line.className = "room-remark__line";
    line.textContent = `Line ${r.line}`;
    line.addEventListener("click", () => goTo(r.line));
    one.prepend(line);
    notes.push(one);
  }
  if (!notes.length) notes.push(note("", "There is nothing to fix in this text."));
  place.replaceChildren(...notes);
}

function note(severity, text) {
  const one = document.createElement("p");
  one.className = severity ? `room-remark room-remark--${severity}` : "govuk-body";
  one.append(text);
  return one;
}

function goTo(line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] || "").length);
}

async function save() {
  if (saving || area.value === saved || !conflict.hidden) return;
  saving = true;
  const sent = area.value;
  tell("Saving …");
  try {
    const kept = await send(form.dataset.save, sent);
    base.value = kept.rev;
    for (const other of document.querySelectorAll("[data-base]")) other.value = kept.rev;
    if (kept.conflict) {
      disagree(kept.content, area.value);
    } else {
      const now = kept.merged ? together(sent, area.value, kept.content) : area.value;
      if (now === null) {
        // What was typed meanwhile can't be merged into the saved text, so both are shown and nobody loses anything.
        disagree(kept.content, area.value);
      } else {
        if (now !== area.value) put(now);
        saved = kept.merged ? kept.content : sent;
        tell(kept.merged ? "Saved, together with somebody else's changes." : "Saved.");
      }
    }
    show(kept);
  } catch (error) {
    tell(error.message || "Not saved yet: there is no connection. Trying again.");
    setTimeout(later, 4000);
  } finally {
    saving = false;
  }
  keepDraft();
  if (area.value !== saved && conflict.hidden) later();
}

function disagree(theirs, mine) {
  conflict.querySelector("[data-theirs]").textContent = theirs;
  conflict.querySelector("[data-mine]").textContent = mine;
  conflict.hidden = false;
  tell("Not saved: somebody else changed the same lines.");
}

// What was typed since a text was sent, put into what that text became: by the lines around it, if there is one such place.
function together(sent, now, merged) {
  if (now === sent) return merged;
  let start = 0;
  while (start < sent.length && start < now.length && sent[start] === now[start]) start += 1;
  let end = 0;
  while (end < sent.length - start && end < now.length - start && sent[sent.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  let from = lineStart(sent, start);
  let to = sent.indexOf("\n", sent.length - end);
  if (to < 0) to = sent.length;
  for (let wider = 0; wider < 4; wider += 1) {
    const block = sent.slice(from, to);
    const at = merged.indexOf(block);
    if (block.trim() && at >= 0 && merged.indexOf(block, at + 1) < 0) {
      return merged.slice(0, at) + now.slice(from, now.length - (sent.length - to)) + merged.slice(at + block.length);
    }
    from = lineStart(sent, from - 1);
    const next = sent.indexOf("\n", to + 1);
    to = next < 0 ? sent.length : next;
  }
  return null;
}

function lineStart(text, at) {
  return at > 0 ? text.lastIndexOf("\n", at - 1) + 1 : 0;
}

// Put another text into the field, with the place of writing where it was: counted from the end that did not change.
function put(text) {
  const before = area.value;
  const at = area.selectionStart;
  let same = 0;
  while (same < at && before[same] === text[same]) same += 1;
  const place = same === at ? at : Math.max(0, text.length - (before.length - at));
  area.value = text;
  area.setSelectionRange(place, place);
}

function later() {
  clearTimeout(wait);
  wait = setTimeout(save, 900);
}

for (const button of conflict.querySelectorAll("[data-take]")) {
  button.addEventListener("click", () => {
    const theirs = conflict.querySelector("[data-theirs]").textContent;
    conflict.hidden = true;
    if (button.dataset.take === "theirs") area.value = saved = theirs;
    else saved = null;
    area.focus();
    later();
  });
}

// -- figures, offered while typing --------------------------------------------------------

let asked = 0;
let chosen = -1;

function beingTyped() {
  const before = area.value.slice(0, area.selectionStart);
  const open = before.lastIndexOf("{{");
  if (open < 0 || before.slice(open).includes("}}") || before.slice(open).includes("\n")) return null;
  return { open, words: before.slice(open + 2).trim() };
}

async function offer() {
  const typed = beingTyped();
  if (!typed) return close();
  const number = ++asked;
  const query = new URLSearchParams({ q: typed.words.replace(/[^\p{L}\p{N}_ ]/gu, " "), element });
  try {
    const found = await (await fetch(`${form.dataset.figures}?${query}`)).json();
    if (number !== asked || !beingTyped()) return;
    offers.replaceChildren(...found.figures.map(option));
    chosen = -1;
    offers.hidden = found.figures.length === 0;
  } catch {
    close();
  }
}

function option(figure, n) {
  const one = document.createElement("div");
  one.className = "room-offers__one";
  one.id = `offer-${n}`;
  one.setAttribute("role", "option");
  one.setAttribute("aria-selected", "false");
  const text = document.createElement("strong");
  text.textContent = figure.text;
  one.append(text, ` ${figure.title}`);
  one.dataset.code = figure.code;
  one.addEventListener("mousedown", (event) => {
    event.preventDefault();
    take(one);
  });
  return one;
}

function take(one) {
  const typed = beingTyped();
  if (!typed) return;
  const rest = area.value.slice(area.selectionStart).replace(/^[^\n{}]*\}\}/, "");
  area.value = area.value.slice(0, typed.open) + one.dataset.code + rest;
  const at = typed.open + one.dataset.code.length;
  area.setSelectionRange(at, at);
  close();
  later();
}

function close() {
  offers.hidden = true;
  area.removeAttribute("aria-activedescendant");
  asked += 1;
}

area.addEventListener("keydown", (event) => {
  if (offers.hidden) return;
  const all = [...offers.children];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : all.length - 1) + (chosen < 0 && event.key === "ArrowUp" ? 1 : 0)) % all.length;
    all.forEach((one, n) => one.setAttribute("aria-selected", String(n === chosen)));
    all[chosen].scrollIntoView({ block: "nearest" });
    area.setAttribute("aria-activedescendant", all[chosen].id);
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    take(all[chosen]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    close();
  }
});

area.addEventListener("input", () => {
  tell("Not saved yet.");
  keepDraft();
  later();
  offer();
});
area.addEventListener("blur", close);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
addEventListener("beforeunload", (event) => {
  if (area.value !== saved) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) save();
});
restoreDraft();
if (!waiting.hidden) lookAgain(++looking, 300);
