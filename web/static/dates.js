// Dates that are typed digit by digit. The browser says “changed” at the first digit of a year, which is then 0002; such a
// field counts when it is left, or at Enter, and is not replaced meanwhile. Nor is a number while it is none yet, as “-” or “1e”:
// no script can read that, to put it into the field that takes its place.

import { onKeys } from "./keys.js";
import { release } from "./link.js";

const DATES = "#app :is(input[type=date], input[type=time], input[type=datetime-local])";
const NUMBERS = "#app input[type=number]";
/** So long after the last key it does not hold up the rest of the page any more. */
const PAUSE_MILLISECONDS = 3000;

/** The date that is typed, until the field is left or the pointer chooses in it. */
let typed = null;
let timer = 0;

/** Whether a date or a number is being typed right now that is not finished. */
export const typingDate = () => timer !== 0;

/** Whether a field is a date that the user has not finished. */
export const isUnfinished = (field) => field === typed;

function pressed(event) {
  if (!event.target.matches?.(DATES)) return;
  typed = event.target;
  hold();
}

function numberTyped({ target }) {
  if (!target.matches?.(NUMBERS)) return;
  if (target.validity.badInput) hold();
  else paused();
}

function hold() {
  clearTimeout(timer);
  timer = setTimeout(paused, PAUSE_MILLISECONDS);
}

function paused() {
  if (!typingDate()) return;
  clearTimeout(timer);
  timer = 0;
  release();
}

/** The field was left: what it holds now is what the user meant. */
function left() {
  const field = typed;
  finish();
  if (field && field.value !== field.defaultValue) field.dispatchEvent(new Event("change", { bubbles: true }));
}

function finish() {
  typed = null;
  paused();
}

onKeys(document, pressed);
document.addEventListener("input", numberTyped);
document.addEventListener("focusout", left);
document.addEventListener("submit", finish, true);
document.addEventListener("pointerdown", (event) => event.target === typed && finish(), true);
