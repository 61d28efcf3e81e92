// Undo of what the user did in this tab: a line that offers it for some seconds after each change, and Ctrl+Z.
//
// The server says which orders a command gave, and what they did in words; the tab remembers them. To undo, it sends
// them back. The undo gives orders itself, which are what *Redo* undoes.

import { is, onKeys, typing } from "./keys.js";
import { send, settled } from "./link.js";

const SHOWN_MILLISECONDS = 8000;
/** A finger that has left the screen still counts as over what it touched last. */
const POINTER = matchMedia("(hover: hover)");
const STORAGE = "pianola-changes";
const MOST = 100;

/** What Ctrl+Z walks back, and what Ctrl+Shift+Z walks forward again: steps of `orders` and `words`, the last one first. */
const changes = stored();
const toast = document.getElementById("undo");
const [words, button] = [toast.querySelector("span"), toast.querySelector("button")];
/** Which way the button of the line goes. */
let way = "undo";
let timer = 0;
/** The walk so far: each step begins when the one before has its answer. */
let walk = Promise.resolve();

function stored() {
  try {
    const { undo, redo } = JSON.parse(sessionStorage.getItem(STORAGE));
    return { undo: undo.filter(isStep), redo: redo.filter(isStep) };
  } catch {
    return { undo: [], redo: [] }; // nothing yet, or the browser stores nothing here
  }
}

function isStep(one) {
  return typeof one?.orders === "string" && typeof one.words === "string";
}

function store() {
  try {
    sessionStorage.setItem(STORAGE, JSON.stringify(changes));
  } catch {
    // Then it works until the page is reloaded.
  }
}

/** Remember what a command has changed. `head`: which way it went (`done`, `undo`, `redo`), and its orders. */
export function offer(head, text) {
  const [went, ...names] = head.split(" ");
  const step = { orders: names.join(" "), words: text };
  const kept = changes[went === "undo" ? "redo" : "undo"];
  if (kept.some((one) => one.orders === step.orders)) return; // the command was sent again after a reconnect
  kept.push(step);
  if (kept.length > MOST) kept.shift();
  if (went === "done") changes.redo.length = 0;
  store();
  show(went === "undo" ? "redo" : "undo", went === "undo" ? `Undone: ${text}` : text);
}

/** Walk one step back (`undo`) or forward again (`redo`); what was done just before has come to its end then. */
function go(where) {
  walk = walk.then(settled).then(() => new Promise((done) => step(where, done)));
}

function step(where, done) {
  const one = changes[where].pop();
  if (!one) {
    show("", where === "undo" ? "Nothing (more) to undo in this tab." : "Nothing to take back.");
    done();
    return;
  }
  store();
  send({ do: "undo-own", way: where, ...one }, (refused) => {
    if (refused) changes[where].push(one);
    store();
    done();
  });
}

// --- the line ---

function show(where, sentence) {
  way = where;
  words.textContent = sentence;
  button.hidden = !where;
  button.textContent = { undo: "Undo", redo: "Redo" }[where] ?? "";
  button.title = where === "redo" ? "Control + Shift + Z" : "Control + Z";
  toast.hidden = false;
  wait();
}

/** Hide the line after some seconds, but not while the pointer or the keyboard is on it. */
function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (toast.matches(POINTER.matches ? ":hover, :has(:focus-visible)" : ":has(:focus-visible)")) wait();
    else toast.hidden = true;
  }, SHOWN_MILLISECONDS);
}

function pressed(event) {
  if (typing(event) || document.querySelector("dialog:modal")) return;
  const where = ["undo", "redo"].find((name) => is(event, name));
  if (!where) return;
  event.preventDefault();
  go(where);
}

button.addEventListener("click", () => go(way));
onKeys(document, pressed);
