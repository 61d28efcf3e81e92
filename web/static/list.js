// The keyboard on a list of rows: go through it, tick, edit, delete, and select several for one change of all.

import { is, onKeys, typing } from "./keys.js";
import { send } from "./link.js";
import { announce } from "./notices.js";
import { quote } from "./quote.js";

const ROW = "#app .rows[data-table] > li[data-id]";

const bar = document.getElementById("selection");
const input = document.getElementById("chat-input");
/** The ids of the selected rows' elements: the rows themselves are replaced whenever one has changed. */
const selected = new Set();

const rows = () => [...document.querySelectorAll(ROW)];
const chosen = () => rows().filter((row) => selected.has(row.id));
const titleOf = (row) => row.querySelector(".title").textContent;
const tickOf = (row) => row.querySelector(":scope > .tick");

// --- one row ---

/** Focus the row that is so many places further; the first one if none has the focus. Return whether there is one. */
function go(row, by) {
  const all = rows();
  const next = row ? all[all.indexOf(row) + by] : all[0];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return next;
}

// --- several ---

/** Select a row, or not. */
export function toggle(row) {
  if (!selected.delete(row.id)) selected.add(row.id);
  tell(row);
}

/** Select a row and the one beside it. */
function extend(row, by) {
  selected.add(row.id);
  const next = go(row, by);
  if (next) selected.add(next.id);
  tell(next ?? row);
}

function tell(row) {
  refresh();
  announce(`${selected.has(row.id) ? "Selected" : "Not selected"}: ${titleOf(row)}. ${count()}.`);
}

const count = () => `${selected.size} selected`;

function clear() {
  selected.clear();
  refresh();
}

/** Mark the selected rows that are in the page; call it after HTML has arrived. Those that are gone are not selected. */
export function refresh() {
  const all = rows();
  const there = new Set(all.map((row) => row.id));
  for (const id of selected) if (!there.has(id)) selected.delete(id);
  for (const row of all) row.classList.toggle("selected", selected.has(row.id));
  if (!selected.size && bar.contains(document.activeElement)) (all[0] ?? input).focus();
  bar.hidden = selected.size === 0;
  if (bar.hidden) return;
  bar.querySelector("span").textContent = count();
  bar.querySelector("[data-several=tick]").hidden = !tickOf(chosen()[0]);
}

/** Send a command about all selected rows. */
function together(name, more = {}) {
  const all = chosen();
  const ids = JSON.stringify(all.map((row) => row.dataset.id));
  send({ do: name, table: all[0].parentElement.dataset.table, ids, ...more });
}

/** Move the selected rows, side by side, above the row before the first one, or below the row after the last one. */
function move(by) {
  const all = rows();
  const mine = chosen();
  const list = mine[0].parentElement.dataset;
  if (list.sortable === undefined) return;
  const others = all.filter((row) => !selected.has(row.id));
  const edge = all.indexOf(by < 0 ? mine[0] : mine.at(-1));
  const above = others.filter((row) => all.indexOf(row) < edge);
  const place = above.length + (by < 0 ? -1 : 1);
  const first = place === 0 && list.offset !== "0";
  if (place < 0 || place > others.length || first) announce("There is no place further on this page.");
  else together("rows-move", { after: others[place - 1]?.dataset.id ?? "0" });
}

function ask() {
  quote(chosen().map(titleOf));
}

function download() {
  const link = document.createElement("a");
  const ids = chosen().map((row) => row.dataset.id);
  link.href = `/export/${chosen()[0].parentElement.dataset.table}.csv?${new URLSearchParams({ ids: ids.join(",") })}`;
  link.click();
}

const SEVERAL = {
  tick: () => together("rows-tick", { field: JSON.parse(tickOf(chosen()[0]).getAttribute("hx-vals")).field }),
  delete: () => together("rows-delete"),
  export: download,
  ask,
  clear,
};

// --- keys ---

const press = (row, part) => document.getElementById(`${row.id}-${part}`)?.click();
const one = (row, several, alone) => (selected.size ? SEVERAL[several]() : alone(row));

/** Delete a row: an app's own view has a button for it, a generated row an entry in its menu. */
function remove(row) {
  const { table, id } = row.dataset;
  if (table) send({ do: "delete", table, id });
  else press(row, "delete");
}

/** By the name of the key: what it does with the row that has the focus, or a part of it. */
const IN_ROW = {
  next: (row) => go(row, 1),
  previous: (row) => go(row, -1),
  remove: (row) => one(row, "delete", remove),
  select: toggle,
  more: (row) => extend(row, 1),
  less: (row) => extend(row, -1),
};
/** What a key does only when the row itself has the focus: on a button of the row it is the button's. */
const ON_ROW = {
  tick: (row) => one(row, "tick", () => tickOf(row)?.click()),
  edit: (row) => press(row, "edit"),
};

function pressed(event) {
  if (typing(event) || document.querySelector("dialog:modal")) return;
  const row = event.target.closest?.(ROW);
  const keys = row === event.target ? { ...IN_ROW, ...ON_ROW } : row ? IN_ROW : {};
  const name = Object.keys(keys).find((key) => is(event, key));
  const letter = event.key.length === 1;
  if (name) keys[name](row);
  else if (selected.size && is(event, "escape")) clear();
  else if (selected.size && (is(event, "up") || is(event, "down"))) move(is(event, "up") ? -1 : 1);
  else if (!letter || !(is(event, "next") || is(event, "previous")) || !go(null)) return;
  event.preventDefault();
}

function clicked(event) {
  if (!selected.size) return;
  const button = event.target.closest("[data-several]");
  const row = event.target.closest(ROW);
  if (button) SEVERAL[button.dataset.several]();
  else if (row && !event.target.closest("a, button, input, label, summary, form")) toggle(row);
}

onKeys(document, pressed);
document.addEventListener("click", clicked);
