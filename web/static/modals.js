// Dialogs: opened by a button with `data-dialog`, or by themselves when they arrive; closed by `data-close`, Escape,
// or a click beside them. One that arrived is gone when it is closed.

const ARRIVED = "dialog[data-arrived]";

/** Open what has arrived; of two about the same thing, the newer one. */
export function prepare() {
  for (const dialog of document.querySelectorAll(`${ARRIVED}:not([open])`)) {
    for (const older of document.querySelectorAll(`#${CSS.escape(dialog.id)}[open]`)) older.close();
    dialog.showModal();
  }
}

function clicked(event) {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  const beside = event.target instanceof HTMLDialogElement;
  if (beside || event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
}

function closed(event) {
  if (event.target.matches(ARRIVED)) event.target.remove();
}

function pressed(event) {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog");
  if (event.key === "?" && !typing) document.getElementById("help").showModal();
}

document.addEventListener("click", clicked);
document.addEventListener("close", closed, true);
document.addEventListener("keydown", pressed);
