// Keeps what the user is doing when rows are replaced: open edits, typed text, focus, selection, scroll position.

import { typingDate } from "./dates.js";
import { continueEdit, EDIT } from "./edit.js";
import { held, put } from "./fields.js";
import { focusNear, isLost, showPane, trail } from "./focus.js";
import { release } from "./link.js";
import { notice } from "./notices.js";
import { dragging } from "./order.js";
import { pressing } from "./press.js";

/** The form of the current step of a workflow's run. */
export const STEP = "form.run-form";

/** Callbacks, set by workflows.js: a field was drawn again with what was typed in it; a field with a text is gone. */
export const on = { retyped: (_old, _now) => {}, lost: (_field) => {} };

/** What a user fills in. */
export const FIELDS = ":is(input:not([type=hidden]), textarea, select)";
const TYPED = `${EDIT}:not([hidden]) :is(input, select, textarea), form.add :is(input, select, textarea), #model-words, #talk-list input, ${STEP} ${FIELDS}`;

/** Whether text is being composed, for example in Japanese: replacing its field would break it off. */
let composing = false;

/** Whether elements must not be replaced right now. */
export const busy = () => dragging() || composing || pressing() || typingDate();

/** Return what the user is doing, for `restore` after elements were replaced. */
export function remember() {
  // Sortable sets styles. htmx would copy them to the new element as an attribute, which the page's policy forbids.
  for (const row of document.querySelectorAll(":is(.rows, .column) > [style]")) row.removeAttribute("style");
  const active = document.activeElement;
  const row = active?.closest?.("[data-id]");
  return {
    active,
    selection: selectionIn(active),
    neighbours: row ? [row.nextElementSibling?.id, row.previousElementSibling?.id] : [],
    row: row?.id,
    around: trail(active),
    inPane: active?.closest?.("#app") !== null,
    opened: [...document.querySelectorAll("details[open][id]")].map((details) => details.id),
    typed: [...document.querySelectorAll(TYPED)].map((input) => ({ input, value: held(input), top: input.scrollTop })),
    edits: [...document.querySelectorAll(`${EDIT}:not([hidden])`)],
    place: place(),
    scrolled: document.getElementById("app").scrollTop,
  };
}

/** Return what is selected in a field, for `select`. Of a number no browser tells where, only what: all, or its end. */
function selectionIn(field) {
  if (/^text/.test(field?.type)) return [field.selectionStart, field.selectionEnd];
  if (field?.type !== "number") return null;
  return field.value !== "" && `${getSelection()}` === field.value ? "all" : "end";
}

function select(field, selection) {
  if (Array.isArray(selection)) field.setSelectionRange(...selection);
  else if (selection) field.select();
  if (selection === "end") getSelection().collapseToEnd();
}

/** Return which app, filters and page of the list are shown. When this changes, the list starts at its top. */
function place() {
  const pane = document.getElementById("app");
  return `${pane.dataset.address} ${pane.querySelector(".rows")?.dataset.offset}`;
}

export function restore(remembered) {
  document.getElementById("app").scrollTop = remembered.place === place() ? remembered.scrolled : 0;
  remembered.edits.forEach(reopen);
  remembered.typed.forEach(retype);
  for (const id of remembered.opened) document.getElementById(id)?.setAttribute("open", "");
}

/** Whether the next picture of the page will be looked at, for a focus that was hidden. */
let looking = false;

/** Give the focus back, if it was lost when elements were replaced or hidden. Call it when all else is done.

    What is hidden is seen once for each picture: to ask after each change would have the whole page laid out each time. */
export function keepFocus(remembered) {
  const { active } = remembered;
  if (!active || active === document.body) return;
  if (!active.isConnected && isLost()) refocus(remembered);
  else if (!looking) {
    looking = true;
    const kept = document.activeElement === active;
    requestAnimationFrame(() => {
      looking = false;
      const left = kept && active.checkVisibility(); // by the user, after the change
      if (isLost() && !left) refocus(remembered);
    });
  }
}

function reopen(old) {
  if (old.isConnected) return;
  const form = document.getElementById(old.id);
  if (form) {
    continueEdit(form, old);
    return;
  }
  const text = old.querySelector("input").value;
  notice(`The row you were editing is no longer in this list. Your text: ${text}`);
}

function retype({ input, value, top }) {
  if (input.isConnected) return;
  const now = document.getElementById(input.id);
  if (!unchanged(input)) {
    if (!now) on.lost(input);
    else if (input.type === "checkbox") now.checked = input.checked;
    else put(now, value);
    if (now) on.retyped(input, now);
  }
  if (now) now.scrollTop = top;
}

/** Return whether a field is as it was drawn. */
export function unchanged(field) {
  if (field.type === "checkbox") return field.checked === field.defaultChecked;
  if (field.options) {
    const options = [...field.options];
    const isFirst = field.selectedIndex === 0 && !options.some((one) => one.defaultSelected);
    return isFirst || options.every((one) => one.selected === one.defaultSelected);
  }
  return field.value === field.defaultValue;
}

/** Focus what took the place of the focused element, or what stands beside it. */
function refocus({ active, selection, row, neighbours, inPane, around }) {
  const candidates = [active.id, ...neighbours.map((id) => id && active.id.replace(row, id))];
  const there = candidates.map((id) => id && document.getElementById(id)).find((one) => one?.offsetParent);
  // The only row has gone, or the whole app: else the focus would fall to the page as a whole.
  const start = document.querySelector("#app form.add :is(input, select)") ?? document.getElementById("app-title");
  const found = there ?? (inPane ? start : null);
  if (!found) focusNear(around);
  found?.focus({ preventScroll: true });
  if (found?.id === active.id) select(found, selection);
}

/** The words of the search that leads to a row or message: they are marked in it. */
let wanted = "";

export const lookFor = (words) => {
  wanted = words;
};

/** Scroll to the row or message with `data-marked`, highlight it and focus it. */
export function point() {
  const found = document.querySelector("[data-marked]");
  if (!found) return;
  found.removeAttribute("data-marked");
  if (!found.offsetParent) showPane("both");
  found.classList.add("marked");
  found.tabIndex = -1;
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
  markWords(found);
}

async function markWords(found) {
  const words = wanted;
  wanted = "";
  if (words) (await import("./found.js")).mark(found, words);
}

document.addEventListener("compositionstart", (event) => {
  composing = event.target.closest("#app") !== null;
});
document.addEventListener("compositionend", () => {
  composing = false;
  release();
});
