// Single messages: the menu “…”, which the server fills, and editing: Enter sends, arrow up edits the last message.

import { is, onKeys } from "./keys.js";

const GAP_PIXELS = 4;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const input = document.getElementById("chat-input");
const menu = document.getElementById("message-menu");

// --- the menu ---

/** Open the menu whose entries have arrived, beside the button that asked for them. */
export function prepare() {
  const { dataset } = document.getElementById("message-actions");
  const button = document.getElementById(dataset.beside ?? "");
  delete dataset.beside;
  if (!button) return;
  menu.showPopover();
  place(button.getBoundingClientRect());
}

/** Put the menu below the button, or above it where there is no room below. */
function place(beside) {
  const below = beside.bottom + GAP_PIXELS;
  const fits = below + menu.offsetHeight <= innerHeight;
  menu.style.top = `${fits ? below : Math.max(0, beside.top - GAP_PIXELS - menu.offsetHeight)}px`;
  menu.style.left = `${Math.max(0, beside.right - menu.offsetWidth)}px`;
}

function moved(event) {
  const entries = [...menu.querySelectorAll("[role=menuitem]")];
  event.preventDefault();
  entries.at((entries.indexOf(document.activeElement) + STEPS[event.key]) % entries.length).focus();
}

function clicked(event) {
  if (event.target.closest("#message-menu [role=menuitem]")) menu.hidePopover();
}

// --- editing ---

function pressed(event) {
  const { key, target } = event;
  if (key in STEPS && menu.contains(target)) moved(event);
  else if (key === "Tab" && menu.contains(target)) menu.hidePopover();
  else if (is(event, "again") && target === input && input.value === "") editLast(event);
  else if (is(event, "send") && target.matches("textarea[data-sends]")) {
    event.preventDefault();
    target.form.requestSubmit();
  }
}

function editLast(event) {
  const last = [...document.querySelectorAll("#chat-log > article[data-role=user] .icon-edit, #chat-waiting .icon-edit")].at(-1);
  if (!last) return;
  event.preventDefault();
  last.click();
}

/** Begin to edit at the end of the text. */
function focused(event) {
  if (!event.target.matches?.("textarea[data-sends]") || event.target.selectionEnd) return;
  event.target.setSelectionRange(event.target.value.length, event.target.value.length);
}

document.addEventListener("click", clicked);
onKeys(document, pressed);
document.addEventListener("focusin", focused);
