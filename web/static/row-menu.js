// The “…” menu of rows: one element for all rows. It opens beside the button that was pressed, and is about that row.

import { open as show } from "./address.js";
import * as board from "./board.js";
import { choose } from "./edit.js";
import { onKeys } from "./keys.js";
import { load } from "./later.js";
import { send } from "./link.js";
import { step } from "./order.js";

const GAP_PIXELS = 4;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const menu = document.getElementById("row-menu");

/** Id of the button that opened it; the button itself may be replaced meanwhile. */
let opener = "";

const button = () => document.getElementById(opener);
const row = () => button()?.closest("[data-id]");
const entries = () => [...menu.querySelectorAll("[data-row-do]:not([hidden])")];

function open(pressed) {
  opener = pressed.id;
  const sortable = row().parentElement.dataset.sortable !== undefined;
  const onBoard = row().closest(".board") !== null;
  for (const which of ["up", "down"]) menu.querySelector(`[data-row-do=${which}]`).hidden = !sortable;
  const offers = (row().dataset.offers ?? "").split(" ");
  for (const which of ["snooze-ask", "part-ask"]) {
    menu.querySelector(`[data-row-do=${which}]`).hidden = !offers.includes(which);
  }
  for (const which of ["left", "right"]) menu.querySelector(`[data-row-do=${which}]`).hidden = !onBoard;
  menu.querySelector("[data-row-do=page]").hidden = !document.getElementById("views") || row().closest(".row-page") !== null;
  menu.querySelector("[data-row-do=select]").hidden = !row().matches("#app .rows > [data-table]");
  menu.showPopover();
  pressed.setAttribute("aria-expanded", "true");
  place(pressed.getBoundingClientRect());
  entries()[0].focus();
}

/** Put the menu below the button, or above it where there is no room below. */
function place(beside) {
  const below = beside.bottom + GAP_PIXELS;
  const fits = below + menu.offsetHeight <= innerHeight;
  menu.style.top = `${fits ? below : Math.max(0, beside.top - GAP_PIXELS - menu.offsetHeight)}px`;
  menu.style.left = `${Math.max(0, beside.right - menu.offsetWidth)}px`;
}

/** Select a row; while one is selected, a click on another one selects it, too. */
async function select(which) {
  (await load("list"))?.toggle(which);
}

/** Show the page of a row. */
function showPage(which) {
  const url = new URL(document.getElementById("app").dataset.address, location.href);
  url.searchParams.set("row", which.dataset.id);
  show(url);
}

const DO = {
  page: showPage,
  edit: choose,
  select,
  up: (which) => step(which, -1),
  down: (which) => step(which, 1),
  left: (which) => board.step(which, -1),
  right: (which) => board.step(which, 1),
};

function chosen(what) {
  const which = row();
  menu.hidePopover();
  if (!which) return; // the row was deleted meanwhile
  const { table, id } = which.dataset;
  if (DO[what]) DO[what](which);
  else send({ do: what, table, id });
}

function clicked(event) {
  const pressed = event.target.closest("[data-row-menu]");
  if (pressed) open(pressed);
  const entry = event.target.closest("[data-row-do]");
  if (entry) chosen(entry.dataset.rowDo);
}

function moved(event) {
  if (event.key === "Tab") menu.hidePopover();
  if (!(event.key in STEPS)) return;
  event.preventDefault();
  const all = entries();
  all.at((all.indexOf(document.activeElement) + STEPS[event.key]) % all.length).focus();
}

/** The focus goes back to the button, unless it has gone elsewhere. */
function toggled(event) {
  if (event.newState === "open") return;
  button()?.removeAttribute("aria-expanded");
  if (menu.contains(document.activeElement) || document.activeElement === document.body) button()?.focus();
}

document.addEventListener("click", clicked);
onKeys(menu, moved);
menu.addEventListener("beforetoggle", toggled);
document.getElementById("panes").addEventListener("scroll", () => menu.hidePopover(), { capture: true, passive: true });
