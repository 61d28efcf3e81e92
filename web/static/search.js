// The search field: a combobox with a list of results, which the server sends for the text typed so far.

import { open } from "./address.js";
import { focusNear, trail } from "./focus.js";
import { is, onKeys } from "./keys.js";
import { send } from "./link.js";
import { announce } from "./notices.js";
import { lookFor } from "./rows.js";

const PAUSE_MILLISECONDS = 120;
/** After so long without typing, the words are those that the user meant, and the assistant hears of them. */
const SETTLED_MILLISECONDS = 1000;

const input = document.getElementById("search-input");
const form = input.form;

/** Place of the highlighted option; -1 for none. */
let active = -1;
/** Whether Enter was pressed before the results for the text had arrived. */
let enterPressed = false;
/** The words that the assistant was told last. */
let told = "";
let settling = 0;
/** Where the focus was before: ids, as `trail` returns them. */
let before = [];

const results = () => document.getElementById("search-results");
const options = () => [...document.querySelectorAll("#search-list > [role=option]")];
const current = () => results().dataset.text === input.value.trim();

function show() {
  const there = options().length > 0 && !results().hidden;
  input.setAttribute("aria-expanded", String(there));
  point(-1);
}

/** Highlight the option at a place; none if there is no such place. */
function point(place) {
  const all = options();
  active = place in all ? place : -1;
  all.forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
  if (active < 0) input.removeAttribute("aria-activedescendant");
  else input.setAttribute("aria-activedescendant", all[active].id);
  all[active]?.scrollIntoView({ block: "nearest" });
}

function close() {
  results().hidden = true;
  enterPressed = false;
  show();
}

/** Whether a result is a row of the profile in view. */
const isInView = ({ dataset }) => "table" in dataset && !("other" in dataset);

/** Tell the assistant the words of the search, and how many rows of the profile in view they found. Once each. */
function tell() {
  clearTimeout(settling);
  const text = input.value.trim();
  if (!text || text === told || !current()) return;
  told = text;
  send({ do: "searched", text, found: options().filter(isInView).length });
}

function choose(option) {
  if (!option) return;
  const { table, id, go, command, press, show: shown } = option.dataset;
  if (table) tell();
  lookFor(table && table !== "conversation" ? input.value : "");
  input.value = told = "";
  close();
  leave();
  if (table) send({ do: "reveal", table, id });
  if (go) open(new URL(go, location.href));
  if (command) send(JSON.parse(command));
  if (press) document.getElementById(press)?.click();
  if (shown) reveal(document.getElementById(shown));
}

/** Open the menus around a part of the page, and go there. */
function reveal(part) {
  const controls = document.getElementById("controls");
  if (controls.contains(part) && !controls.checkVisibility()) controls.showPopover();
  for (let one = part; one; one = one.parentElement) if (one.matches("details")) one.open = true;
  focusNear([part.id]);
}

/** Give the focus back to where it was. */
function leave() {
  input.blur();
  focusNear(before);
}

function entered() {
  if (!input.value.trim()) return;
  if (current()) choose(options()[Math.max(active, 0)]);
  else enterPressed = true;
}

const KEYS = {
  ArrowDown: () => point(active + 1 < options().length ? active + 1 : 0),
  ArrowUp: () => point(active > 0 ? active - 1 : options().length - 1),
  Enter: entered,
};

function pressed(event) {
  if (is(event, "escape")) {
    if (results().hidden) leave();
    else if (input.value) event.preventDefault(); // keep the text: only the list closes
    close();
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

// --- fetching ---

let pause = 0;
let asking = new AbortController();

function typed() {
  clearTimeout(pause);
  clearTimeout(settling);
  pause = setTimeout(ask, PAUSE_MILLISECONDS);
}

/** Search for the current text. A running older search is cancelled. */
async function ask() {
  asking.abort();
  asking = new AbortController();
  const { app } = document.getElementById("app").dataset;
  try {
    const answer = await fetch(`/search?${new URLSearchParams({ text: input.value, app })}`, { signal: asking.signal });
    htmx.swap("#search-results", await answer.text(), { swapStyle: "outerHTML" });
  } catch {
    return; // a newer search replaced this one, or the connection is lost, which the bar shows
  }
  arrived();
}

function arrived() {
  if (document.activeElement !== input || !current()) results().hidden = true;
  show();
  const found = options().length;
  if (!results().hidden) announce(found === 1 ? "1 result." : `${found} results.`);
  settling = setTimeout(tell, SETTLED_MILLISECONDS);
  if (enterPressed && current()) choose(options()[0]);
  enterPressed = false;
}

// --- focus ---

function left(event) {
  if (form.contains(event.relatedTarget)) return;
  clearTimeout(settling);
  close();
}

function focused({ relatedTarget }) {
  before = relatedTarget ? trail(relatedTarget) : [];
  if (input.value.trim() && current()) results().hidden = false;
  show();
}

function shortcut(event) {
  if (!is(event, "search")) return;
  event.preventDefault();
  input.focus();
  input.select();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("focusout", left);
// A click on a result must not take the focus away: the list would close before the click is handled.
form.addEventListener("mousedown", (event) => event.target !== input && event.preventDefault());
form.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
input.addEventListener("input", typed);
onKeys(input, pressed);
input.addEventListener("focus", focused);
onKeys(document, shortcut);
