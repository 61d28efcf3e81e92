// The search field: a combobox over the list of results. htmx fetches the list; this moves through it and goes there.

import { send } from "./link.js";
import { announce } from "./notices.js";

const input = document.getElementById("search-input");
const form = input.form;

let active = -1;
/** Whether Enter was pressed before the results of what was typed had come. */
let impatient = false;

const results = () => document.getElementById("search-results");
const options = () => [...document.querySelectorAll("#search-list > [role=option]")];
const current = () => results().dataset.text === input.value.trim();

function show() {
  const there = options().length > 0 && !results().hidden;
  input.setAttribute("aria-expanded", String(there));
  point(-1);
}

/** Point at the option at a place; at none, when there is no such place. */
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
  impatient = false;
  show();
}

function choose(option) {
  if (!option) return;
  const { table, id } = option.dataset;
  send({ do: "reveal", table, id });
  input.value = "";
  close();
  input.blur();
}

function entered() {
  if (!input.value.trim()) return;
  if (current()) choose(options()[Math.max(active, 0)]);
  else impatient = true;
}

const KEYS = {
  ArrowDown: () => point(active + 1 < options().length ? active + 1 : 0),
  ArrowUp: () => point(active > 0 ? active - 1 : options().length - 1),
  Enter: entered,
};

function pressed(event) {
  if (event.isComposing) return;
  if (event.key === "Escape") {
    if (results().hidden) input.blur();
    else if (input.value) event.preventDefault(); // keep the words; only the list closes
    close();
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

function swapped(event) {
  if (event.target.id !== "search-results") return;
  if (document.activeElement !== input || !current()) results().hidden = true;
  show();
  const found = options().length;
  if (!results().hidden) announce(found === 1 ? "1 result." : `${found} results.`);
  if (impatient && current()) choose(options()[0]);
  impatient = false;
}

function left(event) {
  if (!form.contains(event.relatedTarget)) close();
}

function focused() {
  if (input.value.trim() && current()) results().hidden = false;
  show();
}

function shortcut(event) {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  input.focus();
  input.select();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("focusout", left);
// A click must not take the focus away, or the list would be closed before it is heard.
form.addEventListener("mousedown", (event) => event.target !== input && event.preventDefault());
form.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
input.addEventListener("keydown", pressed);
input.addEventListener("focus", focused);
document.addEventListener("htmx:afterSettle", swapped);
document.addEventListener("keydown", shortcut);
