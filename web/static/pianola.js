// The start of the page's script: connects the other modules, and sends the commands of forms and buttons.

import * as address from "./address.js";
import * as chat from "./chat.js";
import { changes, closeEdit, EDIT, openEdit, prepare as openEdits } from "./edit.js";
import { held } from "./fields.js";
import { closeMenu } from "./focus.js";
import { load, loaded, when } from "./later.js";
import * as link from "./link.js";
import * as modals from "./modals.js";
import * as more from "./more.js";
import { notice } from "./notices.js";
import * as order from "./order.js";
import * as rows from "./rows.js";
import * as signs from "./signs.js";
import "./menus.js";
import "./paste.js";
import "./zone.js";

let remembered = null;
let keepPlace = () => {};

link.on.text = chat.write;
link.on.progress = async (text) => (await load("jobs"))?.progress(text);
link.on.ended = (address, sentence) => notice(sentence, address);
link.on.changed = async (orders, words) => (await load("undo"))?.offer(orders, words);
link.on.answered = (nonce, refused) => loaded("drafts")?.answered(nonce, refused);
link.on.refused = notice;
link.on.holding = () => rows.busy() || loaded("board")?.dragging();
link.on.address = address.connection;
link.on.beforeHtml = () => {
  loaded("drafts")?.flush();
  remembered = rows.remember();
  keepPlace = chat.keepPlace();
};
link.on.afterHtml = () => {
  rows.restore(remembered);
  keepPlace();
  refresh();
  rows.keepFocus(remembered);
};

/** Update everything that the script controls, after HTML has arrived. */
function refresh() {
  address.refresh();
  order.prepare();
  openEdits();
  modals.prepare();
  when("messages", "#message-actions[data-beside]", (messages) => messages.prepare());
  if (document.querySelector("#chat-log > [data-marked]")) chat.leaveEnd();
  chat.refresh();
  when("cards", "#chat-log > article[data-answer], [data-unfolds]", (cards) => cards.refresh());
  loaded("drafts")?.refresh();
  when("list", "#selection:not([hidden])", (list) => list.refresh());
  rows.point();
  when("workflows", "#app .run", (workflows) => workflows.refresh());
  when("links", "#graph-picture, #links-file", (links) => links.prepare());
  when("board", "#app .board", (board) => board.prepare());
  more.prepare();
  when("waiting", "#chat-waiting li", () => {});
  when("glow", "#theme-switch[data-theme=matrix]", () => {});
  signs.refresh();
  when("notify", "#reminders li", (notify) => notify.refresh());
  const theme = document.getElementById("theme-switch").dataset.theme;
  if (document.documentElement.dataset.theme !== theme) document.documentElement.dataset.theme = theme;
}

function localStorageHas(key) {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false; // the browser stores nothing here
  }
}

/** The script of the divider between app and chat: loaded when it is used, or was used before. */
function prepareDivider() {
  const divider = document.getElementById("divider");
  divider.addEventListener("pointerdown", async (event) => (await load("panes"))?.begin(event));
  for (const reached of ["pointerenter", "focus"]) divider.addEventListener(reached, () => load("panes"), { once: true });
  if (localStorageHas("pianola-panes")) load("panes").then((panes) => panes?.restore());
}

// --- forms and buttons ---

/** Elements whose command has no answer yet. A second click in this time is ignored as a double click. */
const pending = new WeakSet();

/** Elements that may send again before the first answer: checkboxes, switches, searches, forms that are cleared at once. */
const REPEATABLE = "input[type=checkbox], form:is([data-clear], [data-repeats], .switch)";

function submit(event) {
  // htmx must not send it: it goes through the outbox.
  event.preventDefault();
  const element = event.target;
  if (pending.has(element) && !element.matches(REPEATABLE)) return;
  const sent = { ...event.detail.parameters };
  if (element.id === "chat-form") sent.talk = address.talk();
  const command = element.matches(EDIT) ? changes(element, sent) : sent;
  if (command === null) {
    closeEdit(element);
    return;
  }
  pending.add(element);
  const draft = loaded("drafts")?.taken(element);
  const revert = showEffect(element);
  const nonce = link.send(command, (refusal) => {
    pending.delete(element);
    if (!refusal) return false;
    revert();
    return marked(element, command, refusal);
  });
  if (draft) loaded("drafts").sent(draft, nonce);
}

/** Say beside its field what is wrong with a value. Return false if the form does not hold this value (any more). */
function marked(form, command, { field, sentence }) {
  const input = field && document.getElementById(form.id)?.elements?.namedItem(field);
  input?.closest?.("details")?.setAttribute("open", "");
  if (!input?.checkVisibility?.() || held(input) !== command[field]) return false;
  load("faults").then((faults) => faults?.mark(input, sentence));
  return true;
}

/** Show at once what a command does to the user's own input. Return a function that reverts it. */
function showEffect(element) {
  if (element.matches("form[data-clear]")) return clear(element);
  if (element.matches(EDIT)) return save(element);
  if (element.type === "checkbox") return () => (element.checked = !element.checked);
  if (element.matches("form.switch")) return change(element);
  // The server closes it, or says what is wrong beside the field.
  if (element.matches("[data-stays]")) return () => {};
  closeMenu(element);
  element.closest("dialog[data-arrived]")?.close();
  return () => {};
}

function clear(form) {
  const typed = fields(form).map((field) => [field, field.value]);
  form.reset();
  return () => typed.filter(([field]) => field.value === "").forEach(([field, value]) => (field.value = value));
}

function save(form) {
  const typed = Object.fromEntries(fields(form).map((field) => [field.name, field.value]));
  closeEdit(form);
  return () => {
    const row = document.getElementById(form.id)?.closest("li");
    if (row) openEdit(row, typed);
  };
}

function change(form) {
  const before = form.querySelector("input[checked]");
  if (form.id === "theme-switch") document.documentElement.dataset.theme = form.elements.value.value;
  return () => {
    before.checked = true;
    refresh();
  };
}

const fields = (form) => [...form.querySelectorAll("input, textarea, select")];

// --- the start ---

/** From this width on the bar shows everything. The same width is in screens.css. */
const WIDE = matchMedia("(min-width: 76.01rem)");
WIDE.addEventListener("change", () => document.getElementById("controls").hidePopover());

document.addEventListener("htmx:wsConfigSend", submit);
address.begin();
prepareDivider();
refresh();
navigator.serviceWorker?.register("/worker.js").catch((problem) => console.warn(problem));
