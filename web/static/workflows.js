// The current step of a workflow's run: what is typed is kept while it is typed, so that it can be left at any time.
//
// The form may be drawn again with what the store had before, also by a server that has just started. So a field that
// was typed in holds what was typed until the server has it, whatever is drawn meanwhile.

import { held, put } from "./fields.js";
import { send, unanswered } from "./link.js";
import { notice } from "./notices.js";
import { FIELDS, on, STEP, unchanged } from "./rows.js";

/** So long after the last key, what is typed is kept. */
const PAUSE_MILLISECONDS = 600;
const KEEP = "workflow-keep";

/** The forms with something that is not sent yet: their ids to timers. */
const waiting = new Map();
/** What was typed and the server does not have yet: id of the form to id of the field to what it holds. */
const unsaved = new Map();
/** What was sent to be kept, in the same way, also when the server has it. */
const sent = new Map();
/** The ids of forms that were gone when they were to be kept. They may come back. */
const absent = new Set();
/** The ids of the forms that were submitted: what is in them is not lost when the next step replaces them. */
const submitted = new Set();

const fields = (form) => [...form.querySelectorAll(FIELDS)];
const isBox = (field) => field.type === "checkbox";
const holds = (field) => (isBox(field) ? field.checked : held(field));
/** Return the run, the turn and the step that a form is about. */
const about = (form) => JSON.parse(form.getAttribute("hx-vals"));

/** Add to what is kept of the fields of a form. */
function add(to, id, values) {
  to.set(id, new Map([...(to.get(id) ?? []), ...values]));
}

function typed(event) {
  const form = event.target.closest?.(STEP);
  if (!form) return;
  submitted.delete(form.id);
  note(form, event.target);
  keepSoon(form.id, event.type === "change" ? 0 : PAUSE_MILLISECONDS);
}

function note(form, ...typedIn) {
  add(unsaved, form.id, typedIn.map((field) => [field.id, holds(field)]));
}

function keepSoon(id, milliseconds) {
  clearTimeout(waiting.get(id));
  waiting.set(id, setTimeout(() => keep(id), milliseconds));
}

/** Send what the form holds now. It may have been drawn again meanwhile, with what was typed. */
function keep(id) {
  clearTimeout(waiting.get(id));
  waiting.delete(id);
  const form = document.getElementById(id);
  if (!form) {
    absent.add(id);
    return;
  }
  const data = new FormData(form);
  const values = {};
  for (const name of data.keys()) values[name] = data.getAll(name).length > 1 ? data.getAll(name) : data.get(name);
  const { run, turn, step } = about(form);
  const now = [...(unsaved.get(id) ?? [])];
  add(sent, id, now);
  send({ ...values, do: KEEP, run, turn, step }, (refused) => !refused && confirm(id, now));
}

/** The server has what was sent. What was typed since is still to be kept. */
function confirm(id, now) {
  const left = unsaved.get(id);
  for (const [field, value] of now) if (left.get(field) === value) left.delete(field);
}

/** A step is finished. Should it be refused, what was typed is kept all the same. */
function finished(event) {
  if (!event.target.matches(STEP)) return;
  if (waiting.has(event.target.id)) keep(event.target.id);
  submitted.add(event.target.id);
  goesOn = true;
}

/** Keep at once what is not saved, also what was refused before: the page may be left for good. */
function left() {
  for (const [id, values] of unsaved) if (values.size && !submitted.has(id)) keep(id);
}

// --- what comes back ---

/** Put what is not saved yet into its fields; call it after HTML has arrived. */
export function refresh() {
  for (const [id, values] of unsaved) {
    for (const [name, value] of values) fill(document.getElementById(name), value);
    if (document.getElementById(id) && absent.delete(id)) keepSoon(id, PAUSE_MILLISECONDS);
  }
  point();
}

function fill(field, value) {
  if (!field || holds(field) === value) return;
  if (isBox(field)) field.checked = value;
  else put(field, value);
  dropPlaced(field);
}

/** What was typed stands in a field that was drawn again: a proposal that was drawn into it is offered beside it. */
function retyped(old, now) {
  if (old.defaultValue !== now.defaultValue) dropPlaced(now);
}

const dropPlaced = (field) => field.closest("[data-placed]")?.querySelector("[name=placed]")?.remove();

/** Show a text whose field is gone: the step was finished, or the run deleted, elsewhere. */
function lost(field) {
  const form = field.closest(STEP);
  if (!form || submitted.has(form.id) || isBox(field) || !field.value.trim()) return;
  if (sent.get(form.id)?.get(field.id) === holds(field)) return; // it is kept, or its refusal says it
  notice(`This step was changed elsewhere. Your text: ${field.value}`);
}

/** Put what was on its way when the page was reloaded into the form, which was drawn without it. */
function recover(command) {
  const isOf = ({ run, turn }) => run === command.run && turn === command.turn;
  const form = [...document.querySelectorAll(STEP)].find((one) => isOf(about(one)));
  if (!form) return;
  for (const field of fields(form)) {
    const value = command[field.name] ?? [];
    if (isBox(field)) fill(field, [value].flat().includes(field.value));
    else if (value === `${value}`) fill(field, value);
  }
  note(form, ...fields(form));
  keepSoon(form.id, PAUSE_MILLISECONDS);
}

/** Keep what was typed before this script was there. */
function begin() {
  unanswered(KEEP).forEach(recover);
  for (const form of document.querySelectorAll(STEP)) {
    const typedIn = fields(form).filter((field) => !unchanged(field));
    if (typedIn.length === 0 || unsaved.has(form.id)) continue;
    note(form, ...typedIn);
    keepSoon(form.id, PAUSE_MILLISECONDS);
  }
}

// --- the step in view ---

/** The run in view and its turn, when the page was drawn last. */
let shown = "";
/** The user has just finished a step here: the next one is pointed at when it comes. */
let goesOn = false;

/** Bring the current step into view when it is another one. After the user's own Next, it gets the focus. */
function point() {
  const run = document.querySelector("#app .run[data-turn]");
  const now = run ? `${run.querySelector("[data-id]").dataset.id} ${run.dataset.turn}` : "";
  if (now === shown) return;
  shown = now;
  const heading = document.getElementById("run-step") ?? run?.querySelector(".run-end");
  if (!heading) return;
  heading.scrollIntoView({ block: "nearest" });
  heading.closest(".run-step")?.scrollIntoView({ block: "nearest" });
  if (goesOn) heading.focus({ preventScroll: true });
  goesOn = false;
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("submit", finished, true);
document.addEventListener("visibilitychange", () => document.hidden && left());
window.addEventListener("pagehide", left);
on.retyped = retyped;
on.lost = lost;
begin();
