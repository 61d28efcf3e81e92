// The current step of a workflow's run: what is typed is kept while it is typed, so that it can be left at any time.

import { send } from "./link.js";
import { notice } from "./notices.js";
import { on, STEP } from "./rows.js";

/** So long after the last key, what is typed is kept. */
const PAUSE_MILLISECONDS = 600;

/** The forms with something that is not kept yet: form to timer. */
const waiting = new Map();
/** The forms that were submitted: what is in them is not lost when the next step replaces them. */
const submitted = new WeakSet();

function typed(event) {
  const form = event.target.closest?.(STEP);
  if (!form) return;
  submitted.delete(form);
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => keep(form), event.type === "change" ? 0 : PAUSE_MILLISECONDS));
}

/** Send what the form holds now. It may have been drawn again meanwhile, with what was typed. */
function keep(typedIn) {
  forget(typedIn);
  const form = document.getElementById(typedIn.id);
  if (!form) return;
  const data = new FormData(form);
  const values = {};
  for (const name of data.keys()) values[name] = data.getAll(name).length > 1 ? data.getAll(name) : data.get(name);
  const { run, turn, step } = JSON.parse(form.getAttribute("hx-vals"));
  send({ ...values, do: "workflow-keep", run, turn, step });
}

function forget(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
}

function sent(event) {
  if (!event.target.matches(STEP)) return;
  forget(event.target);
  submitted.add(event.target);
  goesOn = true;
}

/** Keep at once what is still waiting: the page may be left for good. */
function left() {
  for (const form of [...waiting.keys()]) keep(form);
}

/** What was typed stands in a field that was drawn again: a proposal that was drawn into it is offered beside it. */
function retyped(old, now) {
  if (old.defaultValue !== now.defaultValue) now.closest("[data-placed]")?.querySelector("[name=placed]").remove();
}

/** Show a text whose field is gone: the step was finished, or the run deleted, elsewhere. */
function lost(field) {
  const form = field.closest(STEP);
  if (!form || submitted.has(form) || field.type === "checkbox" || !field.value.trim()) return;
  notice(`This step was changed elsewhere. Your text: ${field.value}`);
}

/** The run in view and its turn, when the page was drawn last. */
let shown = "";
/** The user has just finished a step here: the next one is pointed at when it comes. */
let goesOn = false;

/** Bring the current step into view when it is another one. After the user's own Next, it gets the focus. */
export function point() {
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
document.addEventListener("submit", sent, true);
document.addEventListener("visibilitychange", () => document.hidden && left());
window.addEventListener("pagehide", left);
on.retyped = retyped;
on.lost = lost;
