// The rows of an app: edit in place, put into another order, and survive being replaced meanwhile.

import { release, send } from "./link.js";
import { announce, notice } from "./notices.js";

const EDIT = "form.edit";
const TYPED = `${EDIT}:not([hidden]) :is(input, select), form.add :is(input, select)`;

let dragged = false;
let composing = false;

/** Whether replacing elements would get into the user's way right now. */
export const busy = () => dragged || composing;

// --- edit in place ---

export function openEdit(row) {
  const form = row.querySelector(EDIT);
  if (!form || !form.hidden) return;
  form.hidden = false;
  row.classList.add("editing");
  const input = form.querySelector("input");
  input.focus();
  input.select();
}

export function closeEdit(form) {
  if (form.hidden) return;
  form.reset();
  form.hidden = true;
  const row = form.closest("li");
  row.classList.remove("editing");
  row.querySelector("[data-edit]").focus();
}

function clicked(event) {
  if (event.target.closest("[data-edit]")) openEdit(event.target.closest("li"));
  if (event.target.closest("[data-cancel]")) closeEdit(event.target.closest(EDIT));
}

function doubleClicked(event) {
  const row = event.target.closest(".title, .beside")?.closest("li[data-id]");
  if (row) openEdit(row);
}

// --- order ---

function moved(row) {
  const { table } = row.parentElement.dataset;
  const after = row.previousElementSibling?.dataset.id ?? "0";
  return { do: "move", table, id: row.dataset.id, after };
}

function order(list) {
  return [...list.children];
}

function sendMove(row, before) {
  const list = row.parentElement;
  send(moved(row), (refused) => refused && list.isConnected && list.append(...before));
}

/** Move a row one place up (-1) or down (1). */
function step(row, direction) {
  const neighbour = direction < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour) return;
  const before = order(row.parentElement);
  const focused = document.activeElement;
  neighbour[direction < 0 ? "before" : "after"](row);
  focused.focus();
  const place = order(row.parentElement).indexOf(row) + 1;
  announce(`Moved to place ${place} of ${before.length}.`);
  sendMove(row, before);
}

function pressed(event) {
  const row = event.target.closest("li[data-id]");
  if (!row) return;
  if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key) && row.parentElement.dataset.sortable !== undefined) {
    event.preventDefault();
    step(row, event.key === "ArrowUp" ? -1 : 1);
  } else if (event.key === "Escape" && event.target.closest(EDIT)) {
    closeEdit(event.target.closest(EDIT));
  }
}

let sortable = null;

/** Make the list that is in the page now sortable by dragging. */
export function prepare() {
  const list = document.querySelector(".rows[data-sortable]");
  if (sortable?.el === list) return;
  sortable?.destroy();
  sortable = null;
  if (!list) return;
  let before = [];
  sortable = Sortable.create(list, {
    handle: "[data-move]",
    draggable: "li",
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    onStart: () => {
      dragged = true;
      before = order(list);
    },
    onEnd: ({ item, oldIndex, newIndex }) => {
      dragged = false;
      if (oldIndex !== newIndex) sendMove(item, before);
      release();
    },
  });
}

// --- being replaced ---

/** Return what the user has in hand, so that `restore` can give it back after elements were replaced. */
export function remember() {
  // htmx copies the attributes of an element to the one that replaces it; the page may not set a style so.
  for (const row of document.querySelectorAll(".rows > [style]")) row.removeAttribute("style");
  const active = document.activeElement;
  const row = active?.closest?.("li[data-id]");
  return {
    active,
    selection: active?.type === "text" ? [active.selectionStart, active.selectionEnd] : null,
    neighbours: row ? [row.nextElementSibling?.id, row.previousElementSibling?.id] : [],
    row: row?.id,
    opened: [...document.querySelectorAll("details[open][id]")].map((details) => details.id),
    typed: [...document.querySelectorAll(TYPED)].map((input) => ({ input, value: input.value })),
    edits: [...document.querySelectorAll(`${EDIT}:not([hidden])`)],
  };
}

export function restore(held) {
  held.edits.forEach(reopen);
  held.typed.forEach(retype);
  for (const id of held.opened) document.getElementById(id)?.setAttribute("open", "");
  if (held.active && !held.active.isConnected) refocus(held);
}

function reopen(old) {
  if (old.isConnected) return;
  const form = document.getElementById(old.id);
  if (!form) {
    const text = old.querySelector("input").value;
    notice(`What you were editing was deleted meanwhile. Your text: ${text}`);
    return;
  }
  form.hidden = false;
  form.closest("li").classList.add("editing");
}

function retype({ input, value }) {
  if (input.isConnected || value === input.defaultValue) return;
  const now = document.getElementById(input.id);
  if (now) now.value = value;
}

function refocus({ active, selection, row, neighbours }) {
  const candidates = [active.id, ...neighbours.map((id) => id && active.id.replace(row, id))];
  const found = candidates.map((id) => id && document.getElementById(id)).find(Boolean);
  found?.focus({ preventScroll: true });
  if (found?.id === active.id && selection) found.setSelectionRange(...selection);
}

// --- how many ---

export function count() {
  for (const counter of document.querySelectorAll("[data-count]")) {
    const rows = document.querySelectorAll(`#${counter.dataset.count}-list > li`);
    const open = [...rows].filter((row) => row.dataset.done === undefined).length;
    const sentence = rows.length === 0 ? "" : open === rows.length ? `${open} open` : `${open} open of ${rows.length}`;
    if (counter.textContent !== sentence) counter.textContent = sentence;
  }
}

document.addEventListener("click", clicked);
document.addEventListener("dblclick", doubleClicked);
document.addEventListener("keydown", pressed);
document.addEventListener("compositionstart", (event) => {
  composing = event.target.closest("#app") !== null;
});
document.addEventListener("compositionend", () => {
  composing = false;
  release();
});
