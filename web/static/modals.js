// Dialogs. A button with `data-dialog` opens one; a dialog that arrives over the WebSocket opens by itself, and is
// removed when it is closed. A button with `data-close`, Escape, or a click outside closes a dialog.

import { closeMenu, focusNear, isLost, trail } from "./focus.js";
import { fill } from "./menus.js";

const ARRIVED = "dialog[data-arrived]";
/** Where the focus was when a dialog opened. What had it may be replaced while the dialog is open. */
const before = new WeakMap();

/** Open the dialogs that have arrived. A newer dialog with the same id closes the older one. */
export function prepare() {
  // After a reconnect.
  for (const empty of document.querySelectorAll("dialog[open] [data-panel]")) fill(empty);
  for (const dialog of document.querySelectorAll(`${ARRIVED}:not([open])`)) {
    for (const older of document.querySelectorAll(`#${CSS.escape(dialog.id)}[open]`)) older.close();
    before.set(dialog, trail(document.activeElement));
    dialog.showModal();
  }
}

function clicked(event) {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    closeMenu(opener);
    const dialog = document.getElementById(opener.dataset.dialog);
    for (const empty of dialog.querySelectorAll("[data-panel]")) fill(empty);
    dialog.showModal();
  }
  const outside = event.target instanceof HTMLDialogElement;
  if (outside || event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
}

function closed(event) {
  const { target } = event;
  if (target.matches(ARRIVED)) target.remove();
  if (isLost() && before.has(target)) focusNear(before.get(target));
}

document.addEventListener("click", clicked);
document.addEventListener("close", closed, true);
