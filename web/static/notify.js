// A notification when a long answer is there, or something is due, and the tab is hidden: off, until the user ticks the
// box in the settings.
// This browser keeps that, because the user has allowed it there.

import { announce, notice } from "./notices.js";

const WISH = "pianola-notify";
const SHOWN_CHARACTERS = 140;
const NOT_ALLOWED =
  "This browser does not allow notifications here. Allow them for this address in its own settings, then tick the box again.";

/** Ids of the lines about what is due that were told. */
const told = new Set();

const allowed = () => globalThis.Notification?.permission === "granted";

function wished() {
  try {
    return allowed() && localStorage.getItem(WISH) === "yes";
  } catch {
    return false; // the browser stores nothing here
  }
}

function keep(wish) {
  try {
    localStorage.setItem(WISH, wish ? "yes" : "no");
  } catch {
    notice("This browser stores nothing here, so it cannot keep what you chose.");
  }
}

/** The menu was opened, or drawn again: show what is chosen. */
function prepare() {
  document.getElementById("notify").checked = wished();
}

async function chosen(box) {
  if (box.checked && !allowed()) await globalThis.Notification?.requestPermission();
  if (box.checked && !allowed()) notice(NOT_ALLOWED);
  else keep(box.checked);
  prepare();
}

/** Show a notification, if the user wants them. A browser that takes none from a page, as on phones, shows none. Of
 *  several with the same tag, also from several tabs, it shows one. */
function show(title, text, tag) {
  if (!wished()) return;
  const body = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} …` : text;
  try {
    const shown = new Notification(title, { body, tag });
    shown.addEventListener("click", () => window.focus());
  } catch (problem) {
    console.warn(problem);
  }
}

/** Tell the user that an answer is there. */
export function tell(article) {
  show("Your answer is there", article.querySelector(".text")?.textContent.trim() ?? "", "pianola-answer");
}

/** HTML has arrived: tell what has become due since the page was opened, by a notification if the tab is hidden. */
export function refresh() {
  for (const line of document.querySelectorAll("#reminders li")) {
    if (told.has(line.id) || Number(line.dataset.made) * 1000 < performance.timeOrigin) continue;
    told.add(line.id);
    const text = line.querySelector(".reminded").textContent;
    if (document.hidden) show("Due now", text, `pianola-${line.id}`);
    else announce(`Due now: ${text}`);
  }
}

document.addEventListener("toggle", ({ target }) => target.id === "settings-menu" && prepare(), { capture: true });
document.addEventListener("change", ({ target }) => target.id === "notify" && chosen(target));
