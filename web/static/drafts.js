// What is typed and not sent yet: kept in this browser at each pause, for each conversation, app and row.
//
// A draft is there again after a reload or a restart, and in other tabs. When it is sent, it leaves the page at once; it
// leaves the storage when the server has it. Until then the draft holds the command's nonce: a tab whose outbox has the
// command does not show the draft, and one that opens after that tab was lost does.
//
// This is loaded when something is typed, or when there is a draft: see later.js.

import { hasBegun } from "./address.js";
import { changed, EDIT, on, openEdit } from "./edit.js";
import { held, put } from "./fields.js";
import { waits } from "./link.js";
import { notice } from "./notices.js";

const PREFIX = "pianola-draft ";
const OPEN = "pianola-edits";
const PAUSE_MILLISECONDS = 300;
const LONGEST_DAYS = 30;
const NOT_KEPT =
  "This browser keeps no drafts: its storage is full, or forbidden. What you type here is lost when the page is closed.";
/** Forms in dialogs that arrive: `data-draft` is the id of the button that asks for the dialog, and the draft's key. */
const ASKED = "form[data-draft]";
const FORMS = `#chat-form, #app form.add, ${ASKED}, ${EDIT}`;

const input = document.getElementById("chat-input");

/** The forms with something that is not kept yet: key to timer. */
const waiting = new Map();
/** The forms that have got their draft, and the rows whose forms were asked for if they have one. */
const seen = new WeakSet();
/** The keys of the edits that are open in this tab: a reload opens them again. Elsewhere *Edit* begins with the draft. */
const edits = new Set(openEdits());
/** Those of them whose dialogs are to be asked for again. */
const reopening = new Set([...edits].filter((key) => !key.includes(" ")));
/** The key of each draft that is being sent, by the nonce of its command. */
const sending = new Map();
let conversation = "";
let told = false;

// --- the storage ---

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    if (draft) localStorage.setItem(PREFIX + key, JSON.stringify({ ...draft, at: Date.now() }));
    else localStorage.removeItem(PREFIX + key);
  } catch {
    if (!told && draft) notice(NOT_KEPT);
    told = true;
  }
}

/** Forget drafts that nobody came back to, and find those that are being sent. */
function tidy() {
  try {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
      const key = name.slice(PREFIX.length);
      const draft = read(key);
      if (!(Date.now() - draft?.at < LONGEST_DAYS * 86_400_000)) write(key, null);
      else if (waits(draft.nonce)) sending.set(draft.nonce, key);
    }
  } catch {
    // Nothing is stored here.
  }
}

function openEdits() {
  try {
    return JSON.parse(sessionStorage.getItem(OPEN)) ?? [];
  } catch {
    return [];
  }
}

function noteEdit(key, isOpen) {
  if (isOpen) edits.add(key);
  else if (!edits.delete(key)) return;
  try {
    sessionStorage.setItem(OPEN, JSON.stringify([...edits]));
  } catch {
    // Then the draft comes back with *Edit*.
  }
}

// --- what is typed ---

const fields = (form) => [...form.querySelectorAll("input:not([hidden], [type=checkbox]), textarea, select")];
const untouched = (field) =>
  field.options ? [...field.options].every((one) => one.selected === one.defaultSelected) : field.value === field.defaultValue;

/** Return the key of a form's draft: for each conversation, app or row another one; "" for other forms. */
function keyOf(form) {
  if (!form?.matches?.(FORMS)) return "";
  if (form.dataset.draft) return form.dataset.draft;
  return form === input.form ? conversation : `${document.getElementById("app").dataset.app} ${form.id}`;
}

/** Return what is typed in a form, null for nothing. */
function draftOf(form) {
  const { values, began } = form.matches(EDIT) ? changed(form) : { values: typed(form) };
  return Object.keys(values).length ? { values, began } : null;
}

const typed = (form) =>
  Object.fromEntries(fields(form).filter((one) => !untouched(one)).map((one) => [one.name, held(one)]));

function keep(key, form) {
  clearTimeout(waiting.get(key)?.timer);
  waiting.delete(key);
  if (form.isConnected && !form.hidden) write(key, draftOf(form));
}

function heard(event) {
  const form = event.target.form;
  const key = keyOf(form);
  if (!key || form.hidden) return; // an edit that was saved before this script was loaded
  clearTimeout(waiting.get(key)?.timer);
  if (form.matches(`${EDIT}, ${ASKED}`)) noteEdit(key, true);
  waiting.set(key, { form, timer: setTimeout(() => keep(key, form), PAUSE_MILLISECONDS) });
}

/** Keep at once what is still waiting: the page changes, or is left. */
export function flush() {
  for (const [key, { form }] of [...waiting]) keep(key, form);
}

/** An edit was cancelled, or a form emptied: its draft is not wanted any more. */
function emptied(event) {
  const key = keyOf(event.target);
  if (!key) return;
  clearTimeout(waiting.get(key)?.timer);
  waiting.delete(key);
  noteEdit(key, false);
  write(key, null);
}

// --- what is sent ---

/** Return the draft of a form that is being sent, for `sent`. Call it before the form is emptied. */
export function taken(form) {
  const key = keyOf(form);
  clearTimeout(waiting.get(key)?.timer);
  waiting.delete(key); // a form that stays would be kept once more, as if it had not been sent
  return key ? { key, draft: draftOf(form) } : null;
}

/** A draft goes out with a command: keep it until the server has it. */
export function sent(one, nonce) {
  if (!one?.draft || !waits(nonce)) return;
  sending.set(nonce, one.key);
  write(one.key, { ...one.draft, nonce });
}

/** A command has its answer. A refused text is back in its field, and its draft stays. */
export function answered(nonce, refused) {
  const key = sending.get(nonce);
  sending.delete(nonce);
  const draft = key && read(key);
  if (draft?.nonce !== nonce) return; // not of a form, or something else was typed there meanwhile
  if (!refused) noteEdit(key, false);
  write(key, refused ? { ...draft, nonce: undefined } : null);
}

// --- what comes back ---

const keyOfChat = (number) => `chat ${number}`;
const keyOfRow = (row) => `${document.getElementById("app").dataset.app} ${row.id}-edit-form`;
const isSent = (draft) => waits(draft?.nonce);

/** Put drafts into forms that have just come into the page; call it after HTML has arrived. */
export function refresh() {
  showConversation();
  const connected = document.body.dataset.connected === "yes"; // before that, no click is heard
  for (const key of connected ? [...reopening] : []) if (reopening.delete(key)) document.getElementById(key)?.click();
  for (const form of document.querySelectorAll(`#app form.add, ${ASKED}`)) {
    if (seen.has(form)) continue;
    seen.add(form);
    const draft = kept(keyOf(form));
    if (draft) fill(form, draft.values);
  }
  for (const row of edits.size ? document.querySelectorAll("#app li[data-id]") : []) {
    const draft = edits.has(keyOfRow(row)) && row.querySelector(EDIT)?.hidden !== false && kept(keyOfRow(row));
    if (draft) openEdit(row, draft.values, draft.began ?? {});
  }
}

/** Return a draft, null if there is none that was not sent. */
function kept(key) {
  const draft = read(key);
  return draft?.values && !isSent(draft) ? draft : null;
}

/** Put the draft of the conversation in view into the field, when it is another one than before. */
function showConversation() {
  const now = keyOfChat(document.getElementById("chat-log").dataset.conversation ?? 0);
  if (now === conversation) return;
  const before = conversation;
  conversation = now;
  if (before && hasBegun()) { // what was typed since belongs to the conversation that the message has made
    keep(now, input.form);
    if (!read(before)?.nonce) write(before, null);
  } else if (before || !input.value) {
    const draft = read(now);
    input.value = (isSent(draft) ? "" : draft?.values?.text) ?? "";
  }
}

function fill(form, values) {
  for (const field of fields(form)) if (field.name in values && untouched(field)) put(field, values[field.name]);
}

/** Another tab has kept or sent a draft: show that here, unless the user is typing in the same field. */
function stored({ key, oldValue, newValue }) {
  if (!key?.startsWith(PREFIX)) return;
  const form = [input.form, ...document.querySelectorAll("form.add")].find((one) => PREFIX + keyOf(one) === key);
  if (!form || form.contains(document.activeElement)) return;
  const [before, now] = [parsed(oldValue)?.values ?? {}, parsed(newValue)];
  for (const field of fields(form)) {
    if (!untouched(field) && held(field) !== before[field.name]) continue;
    const text = now?.nonce ? undefined : now?.values?.[field.name];
    put(field, text ?? field.defaultValue ?? held(field));
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A dialog was closed. Its draft comes back with the next *Edit*, unless the user has chosen *Cancel*. */
function closed(event) {
  const form = event.target.querySelector?.(ASKED);
  if (!form) return;
  flush();
  noteEdit(keyOf(form), false);
}

function cancelled(event) {
  const form = event.target.closest?.("[data-close]")?.closest(ASKED);
  if (form) form.reset();
}

on.draft = (row) => kept(keyOfRow(row));
tidy();
refresh();
document.addEventListener("input", heard);
document.addEventListener("reset", emptied, true);
document.addEventListener("close", closed, true);
document.addEventListener("click", cancelled, true);
document.addEventListener("visibilitychange", () => document.hidden && flush());
window.addEventListener("pagehide", flush);
window.addEventListener("storage", stored);
