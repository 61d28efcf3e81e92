// Scripts that a page does not need at once. Each is loaded at the first event that is for it. Then it gets this event,
// and those that came meanwhile, as if it had been there.

import { EDIT } from "./edit.js";
import { is, KEY, onKeys, typing } from "./keys.js";
import { notice } from "./notices.js";

const NOT_LOADED =
  "This part of the page could not be loaded: the server is away, or the page is older than the server. Reload the page.";
const ROW = "#app .rows[data-table] > li[data-id]";
/** The beginning of the names of drafts in the storage, and the name of the edits that are open; as in drafts.js. */
const DRAFT = "pianola-draft ";
const EDITS = "pianola-edits";
/** Keys of a list that do nothing else in a page, and those that are the list's when a row has the focus. */
const LIST_KEYS = ["next", "previous"];
const ROW_KEYS = [...LIST_KEYS, "remove", "select", "more", "less", "tick", "edit", "up", "down"];

/** Keys that do something else in the search field than to write. */
const SEARCH_KEYS = ["Enter", "Escape", "ArrowDown", "ArrowUp"];

/** What is typed after the key of the search belongs into its field, also while the script is loaded. */
function focusSearch() {
  const field = document.getElementById("search-input");
  field.focus();
  field.select();
}

/** Whether a key is the list's: a row has the focus, or will have it, by a key before this one. */
const inList = (event) => asked.has("list") || event.target.matches?.(ROW);
const at = (selector) => (event) => event.target.closest?.(selector);
const some = (names, event) => names.some((name) => is(event, name));

/** The name of a script, types of events, and whether one of this type is for it. */
const EVENTS = [
  ["drafts", ["input"], at(`#chat-form, #app form.add, form[data-draft], ${EDIT}`)],
  ["drafts", ["storage"], (event) => event.key?.startsWith(DRAFT)],
  ["entry", ["input"], at("form[data-understood]")],
  ["search", ["focus", "input", "submit"], at("#search")],
  ["search", [KEY], (event) => is(event, "search")],
  ["search", [KEY], (event) => event.target.id === "search-input" && SEARCH_KEYS.includes(event.key)],
  ["undo", [KEY], (event) => some(["undo", "redo"], event) && !typing(event)],
  ["list", [KEY], (event) => !typing(event) && some(inList(event) ? ROW_KEYS : LIST_KEYS, event)],
  ["cards", ["click"], at("[data-amend], [data-remark]")],
  ["messages", ["focus"], at("textarea[data-sends]")],
  ["messages", [KEY], (event) => is(event, "again") && event.target.matches("#chat-input") && !event.target.value],
  ["row-menu", ["click"], at("[data-row-menu]")],
  ["files", ["click"], at("[data-import]")],
  ["talks", ["toggle"], at("#conversation-menu")],
  ["notify", ["toggle"], at("#settings-menu")],
  ["journal", ["change", "submit"], at("#journal-filter")],
  ["jobs", ["click"], at("form[data-once] [type=submit]")],
  ["workflows", ["input", "change", "submit"], at("form.run-form")],
  ["links", ["change"], at("#links-file")],
];

/** The scripts that are asked for: name to a promise of the module. */
const asked = new Map();
/** The scripts that are there, by name. */
const there = new Map();

/**
 * Return a script, and load it first if it is not there; null if it cannot be loaded, which the page then says, unless
 * the user only `types`: it stays in its field, and the bar says that the server is away.
 */
export function load(name, types = false) {
  if (!asked.has(name)) asked.set(name, fetched(name, types));
  return asked.get(name);
}

async function fetched(name, types) {
  try {
    there.set(name, await import(`./${name}.js`));
    return there.get(name);
  } catch (problem) {
    console.warn(problem);
    asked.delete(name);
    if (!types) notice(NOT_LOADED);
    return null;
  }
}

/** Return a script if it is there. */
export const loaded = (name) => there.get(name);

/** Whether this browser keeps something that was typed, or this tab had an edit open: the script shows it. */
function hasDrafts() {
  try {
    return sessionStorage.getItem(EDITS) !== null || Object.keys(localStorage).some((name) => name.startsWith(DRAFT));
  } catch {
    return false; // nothing is stored here
  }
}

/** Do something with a script if it is there, or as soon as it is if the page holds what it is for. */
export async function when(name, selector, act) {
  if (!there.has(name) && !document.querySelector(selector)) return;
  const found = there.get(name) ?? (await load(name));
  if (found) act(found);
}

async function heard(event) {
  const name = EVENTS.find(([one, types, wants]) => !there.has(one) && types.includes(event.type) && wants(event))?.[0];
  if (!name) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target } = event;
  const isSearchKey = event.type === KEY && is(event, "search");
  if (isSearchKey) focusSearch();
  // Given again, that key would select what was typed meanwhile.
  if (!(await load(name, event.type === "input")) || isSearchKey) return;
  // A key that nothing had the focus for goes to what has it by now, by a key before.
  const now = target === document.body ? document.activeElement : inPlaceOf(target);
  now.dispatchEvent(new event.constructor(event.type, event));
}

/** Return an element, or the one that was drawn in its place meanwhile; it gets the files that were chosen. */
function inPlaceOf(element) {
  const drawn = (!element.isConnected && document.getElementById(element.id)) || element;
  if (drawn !== element && element.files) drawn.files = element.files;
  return drawn;
}

for (const type of new Set(EVENTS.flatMap(([, types]) => types))) {
  if (type === KEY) onKeys(window, heard, { capture: true });
  else window.addEventListener(type, heard, { capture: true });
}
if (hasDrafts()) load("drafts");
