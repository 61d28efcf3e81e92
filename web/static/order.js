// Moving rows: drag them by the handle, or press Alt with an arrow key.

import { is, onKeys } from "./keys.js";
import { release, send } from "./link.js";
import { announce } from "./notices.js";

let dragged = false;
let sortable = null;

/** Whether the user is dragging a row. */
export const dragging = () => dragged;

const order = (list) => [...list.children];

/** Return the command that moves a row after the one above it or, at the top of a later page, before the next one. */
function moveCommand(row) {
  const { table, offset } = row.parentElement.dataset;
  const before = row.previousElementSibling?.dataset.id;
  const after = row.nextElementSibling?.dataset.id;
  const place = before || offset === "0" || !after ? { after: before ?? "0" } : { before: after };
  return { do: "move", table, id: row.dataset.id, ...place };
}

function sendMove(row, before) {
  const list = row.parentElement;
  send(moveCommand(row), (refused) => refused && list.isConnected && list.append(...before));
}

/** Move a row one place up (-1) or down (1). */
export function step(row, direction) {
  const list = row.parentElement;
  const neighbour = direction < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour) return;
  const before = order(list);
  const focused = document.activeElement;
  neighbour[direction < 0 ? "before" : "after"](row);
  focused.focus();
  const place = Number(list.dataset.offset) + order(list).indexOf(row) + 1;
  const { offset, table } = list.dataset;
  const isWhole = offset === "0" && !document.getElementById(`${table}-more`);
  announce(`Moved to place ${place}${isWhole ? ` of ${before.length}` : ""}.`);
  sendMove(row, before);
}

function pressed(event) {
  const row = event.target.closest("li[data-id]");
  if (!row || !(is(event, "up") || is(event, "down"))) return;
  if (row.parentElement.querySelector(".selected")) return; // all of them move: list.js
  if (row.parentElement.dataset.sortable === undefined) return;
  event.preventDefault();
  step(row, is(event, "up") ? -1 : 1);
}

/** Make the rows of the current list draggable. */
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

onKeys(document, pressed);
