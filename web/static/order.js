// The order of rows: dragged by the handle, or moved with Alt and the arrows.

import { release, send } from "./link.js";
import { announce } from "./notices.js";

let dragged = false;
let sortable = null;

/** Whether a row is in the user's hand. */
export const dragging = () => dragged;

const order = (list) => [...list.children];

/** Say behind which row this one is now, or, at the top of a later page, before which. */
function moved(row) {
  const { table, offset } = row.parentElement.dataset;
  const before = row.previousElementSibling?.dataset.id;
  const after = row.nextElementSibling?.dataset.id;
  const place = before || offset === "0" || !after ? { after: before ?? "0" } : { before: after };
  return { do: "move", table, id: row.dataset.id, ...place };
}

function sendMove(row, before) {
  const list = row.parentElement;
  send(moved(row), (refused) => refused && list.isConnected && list.append(...before));
}

/** Move a row one place up (-1) or down (1). */
function step(row, direction) {
  const list = row.parentElement;
  const neighbour = direction < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour) return;
  const before = order(list);
  const focused = document.activeElement;
  neighbour[direction < 0 ? "before" : "after"](row);
  focused.focus();
  const place = Number(list.dataset.offset) + order(list).indexOf(row) + 1;
  const of = before.length < Number(list.dataset.count) ? "" : ` of ${before.length}`;
  announce(`Moved to place ${place}${of}.`);
  sendMove(row, before);
}

function pressed(event) {
  const row = event.target.closest("li[data-id]");
  if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  if (row.parentElement.dataset.sortable === undefined) return;
  event.preventDefault();
  step(row, event.key === "ArrowUp" ? -1 : 1);
}

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

document.addEventListener("keydown", pressed);
