// The divider between the app and the chat: it is dragged, or moved by the arrow keys; at either end one of them fills
// the page. The choice is kept in this browser.

import { showPane } from "./focus.js";
import { is, onKeys } from "./keys.js";

const STORAGE = "pianola-panes";
/** The app's share of the page in percent: at first, at least and at most. At 0 the chat fills the page, at 100 the app. */
const [FIRST, LEAST, MOST] = [51, 25, 70];
/** Dragged so near to an end, in percent, it goes there. */
const SNAPS = 12;
const STEP = 2;

const panes = document.getElementById("panes");
const divider = document.getElementById("divider");
const shows = (which) => document.getElementById(`panes-${which}`);

let share = FIRST;

/** Return the share that is in view: the switch of narrow screens, or a search result, may have shown both. */
const inView = () => (shows("app").checked ? 100 : shows("chat").checked ? 0 : share);

/** Show the app with a share of the page. */
function set(wanted) {
  const fills = wanted < SNAPS ? 0 : wanted > 100 - SNAPS ? 100 : null;
  if (fills === null) share = Math.round(Math.min(Math.max(wanted, LEAST), MOST));
  showPane(fills === 0 ? "chat" : fills ? "app" : "both");
  panes.style.setProperty("--app-part", `${share}fr`);
  panes.style.setProperty("--chat-part", `${100 - share}fr`);
  tell();
}

function tell() {
  const now = inView();
  divider.setAttribute("aria-valuenow", now);
  divider.setAttribute("aria-valuetext", { 0: "Only the chat", 100: "Only the app" }[now] ?? `The app has ${now} percent`);
}

function keep() {
  try {
    localStorage.setItem(STORAGE, inView());
  } catch {
    // The browser stores nothing here: the choice holds until the page is reloaded.
  }
}

/** Show what was chosen before. */
export function restore() {
  const kept = parseInt(localStorage.getItem(STORAGE), 10);
  if (kept >= 0 && kept <= 100) set(kept);
}

/** Begin to drag. */
export function begin(event) {
  try {
    divider.setPointerCapture(event.pointerId);
  } catch {
    // It was let go while this script was loading.
  }
}

function dragged(event) {
  if (!divider.hasPointerCapture(event.pointerId)) return;
  const { left, width } = panes.getBoundingClientRect();
  set(((event.clientX - left) / width) * 100);
}

/** By the name of the key: the share that it leads to. */
const KEYS = {
  narrower: () => (inView() === 100 ? MOST : Math.max(inView() - STEP, LEAST)),
  wider: () => (inView() === 0 ? LEAST : Math.min(inView() + STEP, MOST)),
  chat: () => 0,
  app: () => 100,
  both: () => FIRST,
};

function pressed(event) {
  const name = Object.keys(KEYS).find((key) => is(event, key));
  if (!name) return;
  event.preventDefault();
  set(KEYS[name]());
  keep();
}

divider.addEventListener("pointermove", dragged);
divider.addEventListener("lostpointercapture", keep);
divider.addEventListener("dblclick", () => {
  set(FIRST);
  keep();
});
divider.addEventListener("focus", tell);
onKeys(divider, pressed);
tell();
