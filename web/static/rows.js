// The rows of an app survive being replaced while the user has something in hand: an edit, the focus, a composition.

import { EDIT, goOn } from "./edit.js";
import { release } from "./link.js";
import { notice } from "./notices.js";
import { dragging } from "./order.js";
import { pressing } from "./press.js";

const TYPED = `${EDIT}:not([hidden]) :is(input, select), form.add :is(input, select)`;

let composing = false;

/** Whether replacing elements would get into the user's way right now. */
export const busy = () => dragging() || composing || pressing();

/** Return what the user has in hand, so that `restore` can give it back after elements were replaced. */
export function remember() {
  // htmx copies the attributes of an element to the one that replaces it; the page may not set a style so.
  for (const row of document.querySelectorAll(".rows > [style]")) row.removeAttribute("style");
  const active = document.activeElement;
  const row = active?.closest?.("li[data-id]");
  return {
    active,
    selection: active?.type === "text" ? [active.selectionStart, active.selectionEnd] : null,
    neighbours: row ? [row.nextElementSibling?.id, row.previousElementSibling?.id] : [],
    row: row?.id,
    opened: [...document.querySelectorAll("details[open][id]")].map((details) => details.id),
    typed: [...document.querySelectorAll(TYPED)].map((input) => ({ input, value: input.value })),
    edits: [...document.querySelectorAll(`${EDIT}:not([hidden])`)],
    place: place(),
    scrolled: document.getElementById("app").scrollTop,
  };
}

/** Which app, filters and page of the list are shown: another one begins at its top. */
function place() {
  const pane = document.getElementById("app");
  return `${pane.dataset.address} ${pane.querySelector(".rows")?.dataset.offset}`;
}

export function restore(held) {
  document.getElementById("app").scrollTop = held.place === place() ? held.scrolled : 0;
  held.edits.forEach(reopen);
  held.typed.forEach(retype);
  for (const id of held.opened) document.getElementById(id)?.setAttribute("open", "");
  if (held.active && !held.active.isConnected) refocus(held);
}

function reopen(old) {
  if (old.isConnected) return;
  const form = document.getElementById(old.id);
  if (form) {
    goOn(form, old);
    return;
  }
  const text = old.querySelector("input").value;
  notice(`What you were editing is not in this list any more. Your text: ${text}`);
}

function retype({ input, value }) {
  if (input.isConnected || value === input.defaultValue) return;
  const now = document.getElementById(input.id);
  if (now) now.value = value;
}

function refocus({ active, selection, row, neighbours }) {
  const candidates = [active.id, ...neighbours.map((id) => id && active.id.replace(row, id))];
  const found = candidates.map((id) => id && document.getElementById(id)).find(Boolean);
  found?.focus({ preventScroll: true });
  if (found?.id === active.id && selection) found.setSelectionRange(...selection);
}

/** Point out the row or message that was looked for. */
export function point() {
  const found = document.querySelector("[data-marked]");
  if (!found) return;
  found.removeAttribute("data-marked");
  if (!found.offsetParent) document.getElementById("panes-both").checked = true;
  found.classList.add("marked");
  found.tabIndex = -1;
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
}

document.addEventListener("compositionstart", (event) => {
  composing = event.target.closest("#app") !== null;
});
document.addEventListener("compositionend", () => {
  composing = false;
  release();
});
