// Where the focus goes when what had it is gone, is hidden, or stands in a menu that closes. Else it would fall to the
// page as a whole, and who works by keyboard would begin again at its top.

const TAKES_FOCUS = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex]";
const FIELD = "chat-input";

const isShown = (element) => element?.checkVisibility() ?? false;

/** Whether the focus has fallen to the page, or is about to. */
export function isLost() {
  const now = document.activeElement;
  return !now || now === document.body || !isShown(now);
}

/** Return the ids of an element and of what it stands in, the nearest first; in the chat, its field comes next. */
export function trail(element) {
  const ids = [];
  for (let one = element; one && one !== document.body; one = one.parentElement) {
    if (one.id) ids.push(one.id === "chat-log" ? FIELD : one.id);
  }
  return [...ids, FIELD];
}

/** Focus the first of these elements that is in view, or the first thing in it that takes the focus. */
export function focusNear(ids) {
  for (const id of ids) {
    const there = document.getElementById(id);
    if (!isShown(there)) continue;
    const found = there.matches(TAKES_FOCUS) ? there : [...there.querySelectorAll(TAKES_FOCUS)].find(isShown);
    found?.focus({ preventScroll: true });
    if (found) return;
  }
}

/** Show the app, the chat, or both. The choice stands on the element that holds them, too: a style that asked the
    buttons for it with `:has` would have the browser look through the page at each message. */
export function showPane(which) {
  document.getElementById(`panes-${which}`).checked = true;
  document.getElementById("panes").dataset.shows = which;
}

document.addEventListener("change", ({ target }) => target.name === "panes" && showPane(target.value));

/** Go to the message field; where the app fills the page, the chat is shown beside it again. */
export function toField() {
  const field = document.getElementById(FIELD);
  if (!isShown(field)) showPane("both");
  field.focus();
}

/** Close the menu that an element stands in, if any. The focus goes from its entries to its label. */
export function closeMenu(element) {
  const menu = element.closest("details.menu[open]");
  if (!menu) return;
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  menu.removeAttribute("open");
}
