// Editing rows in place. An edit remembers the values at its start. It sends only the changed values, with those from
// before, so that the server notices if somebody else has changed them meanwhile. The form of a generated row comes from
// the server when it is first edited.

import { held, put } from "./fields.js";
import { is, onKeys } from "./keys.js";
import { send } from "./link.js";
import { notice } from "./notices.js";

export const EDIT = "form.edit";

/** Callback, set by drafts.js: returns the draft of a row's edit, null if there is none. */
export const on = { draft: (_row) => null };

const CHANGED_SINCE =
  "The row that you were editing has changed since you began. Your text is kept: when you save it, you are asked which to keep.";

const fields = (form) => [...form.querySelectorAll("input, textarea, select")].filter((field) => field.name);
const values = (form) => Object.fromEntries(fields(form).map((field) => [field.name, held(field)]));

/** The rows whose forms were asked for and have not come yet: id of the element to what is to be put into its form. */
const asked = new Map();
/** What was typed meanwhile. It goes into the form. */
let early = "";

/**
 * Open the edit form of a row. `typed`: values by field name to put into it; else it begins with its draft. `before`: what
 * these fields held when the edit began, if it began before the page was loaded; it then does not take the focus.
 */
export function openEdit(row, typed = null, before = null) {
  const form = row.querySelector(EDIT);
  if (!form) ask(row, typed, before);
  if (!form?.hidden) return;
  reveal(form);
  const draft = typed ? { values: typed, began: before } : on.draft(row);
  const [now, began] = [values(form), draft?.began ?? {}];
  form.dataset.began = JSON.stringify({ ...now, ...began });
  for (const field of fields(form)) {
    if (draft && field.name in draft.values) put(field, draft.values[field.name]);
  }
  if (Object.keys(began).some((name) => began[name] !== now[name])) notice(CHANGED_SINCE);
  if (before) return;
  fields(form)[0].focus();
  fields(form)[0].select?.();
}

function ask(row, typed, before) {
  const { table, id } = row.dataset;
  if (!table || asked.has(row.id)) return;
  asked.set(row.id, { typed, before });
  send({ do: "edit", table, id }, (refused) => {
    if (refused && asked.delete(row.id)) early = "";
  });
}

/** Open the forms that have come. */
export function prepare() {
  for (const [id, { typed, before }] of asked) {
    const row = document.getElementById(id);
    if (row && !row.querySelector(EDIT)) continue;
    asked.delete(id);
    if (row) openEdit(row, typed, before);
    if (before) continue;
    if (row) enter(row.querySelector(EDIT));
    early = "";
  }
}

/** Put what was typed early into a form; with Enter after it, the form is sent. */
function enter(form) {
  const [text, ...sent] = early.split("\n");
  if (text) fields(form)[0].value = text;
  if (sent.length) form.requestSubmit();
}

/** Keep what is typed before the form has come, which no field would take. */
function typedEarly(event) {
  const key = event.key === "Enter" && !event.repeat ? "\n" : event.key;
  const typing = key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (![...asked.values()].some(({ before }) => !before) || !typing || event.target.matches("input, textarea, select")) return;
  early += key;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function reveal(form) {
  form.hidden = false;
  form.closest("li").classList.add("editing");
}

/** Continue an edit in a form that has replaced the old form. */
export function continueEdit(form, old) {
  reveal(form);
  const began = JSON.parse(old.dataset.began);
  const typed = values(old);
  const now = values(form);
  for (const name of Object.keys(began)) {
    // Not edited here: keep what others wrote.
    if (typed[name] === began[name]) began[name] = now[name];
  }
  form.dataset.began = JSON.stringify(began);
}

export function closeEdit(form) {
  if (form.hidden) return;
  form.reset();
  form.hidden = true;
  const row = form.closest("li");
  row.classList.remove("editing");
  row.querySelector("[data-edit]").focus();
}

/** Return the changed `values` by field name, and `began`, what these fields held when the edit began. */
export function changed(form) {
  const all = JSON.parse(form.dataset.began);
  const edited = fields(form).filter((field) => held(field) !== all[field.name]);
  const began = Object.fromEntries(edited.map(({ name }) => [name, all[name]]));
  return { values: Object.fromEntries(edited.map((field) => [field.name, held(field)])), began };
}

/** Return the command with only the changed values, and their old values in `where`; null when nothing was changed. */
export function changes(form, command) {
  const { values: edited, began } = changed(form);
  const same = fields(form).map(({ name }) => name).filter((name) => !(name in began));
  const others = Object.entries(command).filter(([name]) => !same.includes(name));
  return Object.keys(began).length ? { ...Object.fromEntries(others), ...edited, where: began } : null;
}

/** Open the dialog with the form of a row that has no room for it, with `typed` values in it. */
function openForm(row, typed = {}) {
  send({ do: "row-edit", table: row.dataset.table, id: row.dataset.id, values: typed });
}

/** Open the edit form of a row that the user chose; the assistant hears which row that is, not what is typed. */
export function choose(row) {
  if (!row.closest(".rows")) {
    openForm(row);
    return;
  }
  const form = row.querySelector(EDIT);
  const { table, id } = row.dataset;
  if (table && (form?.hidden ?? true)) send({ do: "selected", table, id });
  openEdit(row);
}

function clicked(event) {
  if (event.target.closest("[data-edit]")) choose(event.target.closest("li"));
  if (event.target.closest("[data-cancel]")) closeEdit(event.target.closest(EDIT));
  const again = event.target.closest("[data-edit-on]");
  if (again) editAgain(again);
}

/** Open an edit that was in conflict again, based on what the row is now. */
function editAgain(button) {
  const typed = JSON.parse(button.dataset.values);
  const row = document.getElementById(button.dataset.editOn);
  button.closest("dialog").close();
  if (row) row.closest(".rows") ? openEdit(row, typed) : openForm(row, typed);
}

function doubleClicked(event) {
  if (event.target.closest("a, .linked")) return;
  const row = event.target.closest(".title, .beside")?.closest("li[data-id]");
  if (row) choose(row);
}

function pressed(event) {
  const form = event.target.closest(EDIT);
  if (form && is(event, "escape")) closeEdit(form);
}

document.addEventListener("click", clicked);
document.addEventListener("dblclick", doubleClicked);
// Before a key of the list could load its script: see later.js.
onKeys(window, typedEarly, { capture: true });
onKeys(document, pressed);
