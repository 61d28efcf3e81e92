// Moves the cards of a board to another column: by dragging, with Alt and ← or →, or from the menu of a row.

import { onKeys, typing } from "./keys.js";
import { release, send } from "./link.js";
import { announce } from "./notices.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

let dragged = false;
/** The board whose cards can be dragged now, and what does it in each column. */
let shown = null;
let sortables = [];

/** Whether the user is dragging a card. */
export const dragging = () => dragged;

const nameOf = (column) => document.getElementById(column.getAttribute("aria-labelledby")).firstChild.textContent.trim();

/** Give a card the value of the column in which it is now; `back` puts it where it was. */
function tell(card, before, back) {
  const { board, table } = card.closest(".board").dataset;
  const column = card.parentElement;
  announce(`Moved to ${nameOf(column)}.`);
  const values = { [board]: column.dataset.value, where: { [board]: before.dataset.value } };
  send({ do: "update", table, id: card.dataset.id, ...values }, (refused) => refused && back());
}

/** Move a card one column to the left (-1) or right (1). */
export function step(card, direction) {
  const columns = [...card.closest(".board").querySelectorAll(".column")];
  const before = card.parentElement;
  const column = columns[columns.indexOf(before) + direction];
  if (!column) {
    announce("There is no column further on.");
    return;
  }
  const next = card.nextElementSibling;
  column.append(card);
  card.focus();
  tell(card, before, () => card.isConnected && before.insertBefore(card, next?.isConnected ? next : null));
}

function pressed(event) {
  const card = event.target.closest?.(".board .row-card");
  if (!card || !event.altKey || event.ctrlKey || event.metaKey || !(event.key in STEPS) || typing(event)) return;
  event.preventDefault();
  step(card, STEPS[event.key]);
}

function drag(column) {
  return Sortable.create(column, {
    group: "board",
    draggable: ".row-card",
    filter: "a, button, input",
    preventOnFilter: false,
    sort: false,
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    onStart: () => (dragged = true),
    onEnd: ({ item, from, to, oldIndex }) => {
      dragged = false;
      if (from !== to) tell(item, from, () => item.isConnected && from.insertBefore(item, from.children[oldIndex] ?? null));
      release();
    },
  });
}

/** Make the cards of the board that is in the page draggable. */
export function prepare() {
  const board = document.querySelector("#app .board");
  if (board === shown) return;
  for (const one of sortables) one.destroy();
  [shown, sortables] = [board, []];
  if (board) sortables = [...board.querySelectorAll(".column")].map(drag);
}

onKeys(document, pressed);
