// Dates that are typed digit by digit. The browser says “changed” at the first digit of a year, which is then 0002; such a
// field counts when it is left, or at Enter, and is not replaced meanwhile.

import { onKeys } from "./keys.js";
import { release } from "./link.js";

const DATES = "#app :is(input[type=date], input[type=time], input[type=datetime-local])";
/** So long after the last key a date does not hold up the rest of the page any more. */
const PAUSE_MILLISECONDS = 3000;

/** The date that is typed, until the field is left or the pointer chooses in it. */
let typed = null;
let timer = 0;

/** Whether a date is being typed right now. */
export const typingDate = () => timer !== 0;

/** Whether a field is a date that the user has not finished. */
export const isUnfinished = (field) => field === typed;

function pressed(event) {
  if (!event.target.matches?.(DATES)) return;
  typed = event.target;
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
document.addEventListener("focusout", left);
document.addEventListener("submit", finish, true);
document.addEventListener("pointerdown", (event) => event.target === typed && finish(), true);
