// The page: joins the connection, the rows and the conversation; sends what forms and buttons say.

import * as chat from "./chat.js";
import * as link from "./link.js";
import { notice } from "./notices.js";
import * as rows from "./rows.js";

let inHand = null;

link.on.text = chat.write;
link.on.refused = notice;
link.on.holding = rows.busy;
link.on.beforeHtml = () => {
  inHand = rows.remember();
};
link.on.afterHtml = () => {
  rows.restore(inHand);
  refresh();
};

/** Bring everything that the script itself shows up to date with what is in the page now. */
function refresh() {
  rows.prepare();
  rows.count();
  chat.refresh();
  const theme = document.getElementById("theme-switch").dataset.theme;
  if (document.documentElement.dataset.theme !== theme) document.documentElement.dataset.theme = theme;
}

// --- forms and buttons ---

/** Elements whose command nobody has acknowledged yet: a second click at once is not meant. */
const pending = new WeakSet();

/** What may be sent again before the first is acknowledged: a tick back, and a form that was emptied for the next one. */
const REPEATABLE = "input[type=checkbox], form[data-clear], form.switch";

function submit(event) {
  event.preventDefault(); // what htmx would have sent goes through the outbox
  const element = event.target;
  const command = { ...event.detail.parameters };
  if (pending.has(element) && !element.matches(REPEATABLE)) return;
  pending.add(element);
  const takeBack = shown(element);
  link.send(command, (refused) => {
    pending.delete(element);
    if (refused) takeBack();
  });
}

/** Show the command's effect where that is the user's own input; return what takes it back. */
function shown(element) {
  if (element.matches("form[data-clear]")) return cleared(element);
  if (element.matches("form.edit")) return saved(element);
  if (element.type === "checkbox") return () => (element.checked = !element.checked);
  if (element.matches("form.switch")) return switched(element);
  element.closest("details.menu")?.removeAttribute("open");
  return () => {};
}

function cleared(form) {
  const typed = fields(form).map((field) => [field, field.value]);
  form.reset();
  return () => typed.filter(([field]) => field.value === "").forEach(([field, value]) => (field.value = value));
}

function saved(form) {
  const typed = fields(form).map((field) => [field.id, field.value]);
  rows.closeEdit(form);
  return () => {
    const row = document.getElementById(form.id)?.closest("li");
    if (!row) return;
    rows.openEdit(row);
    for (const [id, value] of typed) document.getElementById(id).value = value;
  };
}

function switched(form) {
  const before = form.querySelector("input[checked]");
  if (form.id === "theme-switch") document.documentElement.dataset.theme = form.elements.value.value;
  return () => {
    before.checked = true;
    refresh();
  };
}

const fields = (form) => [...form.querySelectorAll("input, textarea, select")];

// --- menus close when the user goes elsewhere ---

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
}

function escaped(event) {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]");
  menu?.removeAttribute("open");
  menu?.querySelector("summary").focus();
}

/** The width from which the bar shows everything; the same as in screens.css. */
const WIDE = matchMedia("(min-width: 68.01rem)");
WIDE.addEventListener("change", () => document.getElementById("controls").hidePopover());

document.addEventListener("htmx:wsConfigSend", submit);
document.addEventListener("click", closeMenus);
document.addEventListener("focusin", closeMenus);
document.addEventListener("keydown", escaped);
refresh();
