// Writing a text of the report: saved while writing, figures offered while typing, and its proof and preview next to
// it.
import { say } from "./texts.js";

const form = document.querySelector("[data-write]");
const editor = form.querySelector("textarea");
const baseField = form.querySelector("[name=base]");
const statusLine = document.querySelector("[data-said]");
const offerList = document.getElementById("offers");
const conflict = document.querySelector("[data-conflict]");
const element = (location.pathname.match(/\/elements\/([^/]+)\//) || [])[1] || "";
const DRAFT = `scrutineer-draft:${document.body.dataset.signedIn}:text:${location.pathname}`;
const SIGNED_OUT = say("signed_out");
let savedText = document.body.hasAttribute("data-filled") ? null : editor.value;
let isSaving = false;
let timer = null;

// The token changes with each sign-in: also with one in another tab.
function readToken() {
  return (
    document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? form.querySelector("[name=csrfmiddlewaretoken]").value
  );
}

// What is not saved yet is kept in this tab, for the person who typed it, with the version that it began from.
function keepDraft() {
  try {
    if (editor.value === savedText) sessionStorage.removeItem(DRAFT);
    else sessionStorage.setItem(DRAFT, JSON.stringify({ content: editor.value, base: baseField.value }));
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
  if (!draft || draft.content === editor.value || document.body.hasAttribute("data-filled")) return;
  editor.value = draft.content;
  baseField.value = draft.base;
  showStatus(say("restored"));
  saveLater();
}

async function sendText(url, content) {
  const body = new FormData();
  body.set("content", content);
  body.set("base", baseField.value);
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": readToken(), Accept: "application/json" },
  });
  if (response.status === 401 || response.status === 403) throw new Error(SIGNED_OUT);
  if (response.status === 422)
    throw new Error((await response.json()).faults.map((f) => `${f.what}. ${f.do}`).join(" "));
  if (!response.ok || response.redirected) throw new Error("");
  return response.json();
}

function showStatus(text) {
  statusLine.textContent = text;
}

// The preview is made in the background: until it is ready, the earlier one stays, and the page asks again.
let latestLook = 0;
const waiting = document.querySelector("[data-waiting]");

function showPreview(preview) {
  const number = ++latestLook;
  waiting.hidden = !preview.waiting;
  if (preview.waiting) pollPreview(number, 150);
  if (preview.waiting && !preview.html) return;
  drawPreview(preview);
}

function pollPreview(number, pause) {
  setTimeout(async () => {
    if (number !== latestLook) return;
    try {
      const preview = await sendText(form.dataset.look, savedText === null ? editor.value : savedText);
      if (number !== latestLook) return;
      if (preview.waiting) return pollPreview(number, Math.min(1500, pause * 1.5));
      waiting.hidden = true;
      drawPreview(preview);
    } catch {
      pollPreview(number, 4000);
    }
  }, pause);
}

function drawPreview(preview) {
  document.querySelector("[data-preview]").innerHTML = preview.html;
  const place = document.querySelector("[data-remarks]");
  const notes = preview.faults.map((text) => makeNote("error", text));
  for (const remark of preview.remarks) {
    const paragraph = makeNote(
      remark.severity,
      `: ${remark.message}.${remark.do ? ` ${remark.do[0].toUpperCase()}${remark.do.slice(1)}.` : ""}`,
    );
    const line = document.createElement("button");
    line.type = "button";
    line.className = "room-remark__line";
    line.textContent = say("line", { line: remark.line });
    line.addEventListener("click", () => goTo(remark.line));
    paragraph.prepend(line);
    notes.push(paragraph);
  }
  if (!notes.length) notes.push(makeNote("", say("nothing_to_fix")));
  place.replaceChildren(...notes);
}

function makeNote(severity, text) {
  const paragraph = document.createElement("p");
  paragraph.className = severity ? `room-remark room-remark--${severity}` : "govuk-body";
  paragraph.append(text);
  return paragraph;
}

function goTo(line) {
  const lines = editor.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  editor.focus();
  editor.setSelectionRange(start, start + (lines[line - 1] || "").length);
}

async function saveText() {
  if (isSaving || editor.value === savedText || !conflict.hidden) return;
  isSaving = true;
  const sent = editor.value;
  showStatus(say("saving"));
  try {
    const reply = await sendText(form.dataset.save, sent);
    baseField.value = reply.rev;
    for (const other of document.querySelectorAll("[data-base]")) other.value = reply.rev;
    if (reply.conflict) {
      showConflict(reply.content, editor.value);
    } else {
      const now = reply.merged ? mergeTyped(sent, editor.value, reply.content) : editor.value;
      if (now === null) {
        // What was typed meanwhile can't be merged into the saved text, so both are shown and nobody loses anything.
        showConflict(reply.content, editor.value);
      } else {
        if (now !== editor.value) replaceText(now);
        savedText = reply.merged ? reply.content : sent;
        showStatus(reply.merged ? say("saved_merged") : say("saved"));
      }
    }
    showPreview(reply);
  } catch (error) {
    showStatus(error.message || say("no_connection"));
    setTimeout(saveLater, 4000);
  } finally {
    isSaving = false;
  }
  keepDraft();
  if (editor.value !== savedText && conflict.hidden) saveLater();
}

function showConflict(theirs, mine) {
  conflict.querySelector("[data-theirs]").textContent = theirs;
  conflict.querySelector("[data-mine]").textContent = mine;
  conflict.hidden = false;
  showStatus(say("not_saved_same_lines"));
}

// What was typed since a text was sent, put into what that text became: by the lines around it, if there is one such
// place.
function mergeTyped(sent, now, merged) {
  if (now === sent) return merged;
  let start = 0;
  while (start < sent.length && start < now.length && sent[start] === now[start]) start += 1;
  let end = 0;
  while (
    end < sent.length - start &&
    end < now.length - start &&
    sent[sent.length - 1 - end] === now[now.length - 1 - end]
  )
    end += 1;
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
function replaceText(text) {
  const before = editor.value;
  const cursor = editor.selectionStart;
  let common = 0;
  while (common < cursor && before[common] === text[common]) common += 1;
  const position = common === cursor ? cursor : Math.max(0, text.length - (before.length - cursor));
  editor.value = text;
  editor.setSelectionRange(position, position);
}

function saveLater() {
  clearTimeout(timer);
  timer = setTimeout(saveText, 900);
}

for (const button of conflict.querySelectorAll("[data-take]")) {
  button.addEventListener("click", () => {
    const theirs = conflict.querySelector("[data-theirs]").textContent;
    conflict.hidden = true;
    if (button.dataset.take === "theirs") editor.value = savedText = theirs;
    else savedText = null;
    editor.focus();
    saveLater();
  });
}

// -- figures, offered while typing --------------------------------------------------------

let latestQuery = 0;
let chosenIndex = -1;

function findPlaceholder() {
  const before = editor.value.slice(0, editor.selectionStart);
  const open = before.lastIndexOf("{{");
  if (open < 0 || before.slice(open).includes("}}") || before.slice(open).includes("\n")) return null;
  return { open, words: before.slice(open + 2).trim() };
}

async function offerFigures() {
  const typed = findPlaceholder();
  if (!typed) return closeOffers();
  const number = ++latestQuery;
  const query = new URLSearchParams({ q: typed.words.replace(/[^\p{L}\p{N}_ ]/gu, " "), element });
  try {
    const reply = await (await fetch(`${form.dataset.figures}?${query}`)).json();
    if (number !== latestQuery || !findPlaceholder()) return;
    offerList.replaceChildren(...reply.figures.map(makeOption));
    chosenIndex = -1;
    offerList.hidden = reply.figures.length === 0;
  } catch {
    closeOffers();
  }
}

function makeOption(figure, index) {
  const item = document.createElement("div");
  item.className = "room-offers__one";
  item.id = `offer-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const text = document.createElement("strong");
  text.textContent = figure.text;
  item.append(text, ` ${figure.title}`);
  item.dataset.code = figure.code;
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    insertFigure(item);
  });
  return item;
}

function insertFigure(item) {
  const typed = findPlaceholder();
  if (!typed) return;
  const rest = editor.value.slice(editor.selectionStart).replace(/^[^\n{}]*\}\}/, "");
  editor.value = editor.value.slice(0, typed.open) + item.dataset.code + rest;
  const cursor = typed.open + item.dataset.code.length;
  editor.setSelectionRange(cursor, cursor);
  closeOffers();
  saveLater();
}

function closeOffers() {
  offerList.hidden = true;
  editor.removeAttribute("aria-activedescendant");
  latestQuery += 1;
}

editor.addEventListener("keydown", (event) => {
  if (offerList.hidden) return;
  const options = [...offerList.children];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    chosenIndex =
      (chosenIndex +
        (event.key === "ArrowDown" ? 1 : options.length - 1) +
        (chosenIndex < 0 && event.key === "ArrowUp" ? 1 : 0)) %
      options.length;
    options.forEach((item, index) => item.setAttribute("aria-selected", String(index === chosenIndex)));
    options[chosenIndex].scrollIntoView({ block: "nearest" });
    editor.setAttribute("aria-activedescendant", options[chosenIndex].id);
  } else if (event.key === "Enter" && chosenIndex >= 0) {
    event.preventDefault();
    insertFigure(options[chosenIndex]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    closeOffers();
  }
});

editor.addEventListener("input", () => {
  showStatus(say("not_saved_yet"));
  keepDraft();
  saveLater();
  offerFigures();
});
editor.addEventListener("blur", closeOffers);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  saveText();
});
addEventListener("beforeunload", (event) => {
  if (editor.value !== savedText) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) saveText();
});
restoreDraft();
if (!waiting.hidden) pollPreview(++latestLook, 300);
