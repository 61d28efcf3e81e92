// Menus: closed by a click elsewhere, by the focus leaving them, or by Escape. The arrow keys go through their entries.
// Long ones are empty until they are opened.

import { closeMenu } from "./focus.js";
import { is, onKeys } from "./keys.js";
import { send } from "./link.js";

const ENTRIES = ".panel :is(.choice, input[type=text])";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function close(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
}

function pressed(event) {
  const menu = event.target.closest("details.menu[open]");
  if (!menu) return;
  if (is(event, "escape")) {
    closeMenu(event.target);
  } else if (event.key in STEPS && event.target.matches(`summary, ${ENTRIES}`)) {
    event.preventDefault();
    step(menu, event.target, STEPS[event.key]);
  }
}

/** Move the focus to the next entry; before the first and after the last one is the menu's own label. */
function step(menu, from, by) {
  const shown = [...menu.querySelectorAll(ENTRIES)].filter((entry) => entry.checkVisibility());
  const entries = [menu.querySelector("summary"), ...shown];
  entries.at((entries.indexOf(from) + by) % entries.length).focus();
}

/** Ask for the entries of a menu or dialog that is opened for the first time. */
export function fill(element) {
  if (element.dataset.panel) send({ do: "panel", name: element.dataset.panel });
}

function toggled({ target, newState }) {
  if (newState === "open" && target.matches("details.menu")) fill(target);
}

document.addEventListener("toggle", toggled, { capture: true });
document.addEventListener("click", close);
document.addEventListener("focusin", close);
onKeys(document, pressed);
