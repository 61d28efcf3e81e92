// The conversation: adds streamed text, scrolls along with it, copies, and stops answers.

import { EDIT } from "./edit.js";
import { Folding } from "./folding.js";
import { glow } from "./glow.js";
import { send } from "./link.js";
import { announce, notice } from "./notices.js";

const NEAR_END_PIXELS = 64;
const COPIED_MILLISECONDS = 1500;

const scroller = document.getElementById("chat-scroll");
const input = document.getElementById("chat-input");
const stop = document.getElementById("chat-stop");
const toEnd = document.getElementById("chat-end");

// --- text as it grows ---

/** The text nodes that grow: for each message one for the answer and one for the thoughts. */
const nodes = new Map();
/** The filters that leave out instructions, by message. */
const foldings = new Map();

function textNode(message, part) {
  const name = part + message;
  const known = nodes.get(name);
  if (known?.isConnected) return known;
  const element = document.getElementById(`message-${message}`)?.querySelector(part);
  if (!element) return null;
  const node = element.firstChild ?? element.appendChild(document.createTextNode(""));
  nodes.set(name, node);
  return node;
}

/** Show what an answer waits for. `queued`: for another answer; then it can be stopped by itself. */
function wait(message, text, queued) {
  const line = document.getElementById(`waiting-${message}`);
  if (!line) return; // the answer has arrived meanwhile
  line.querySelector(".state").textContent = text;
  line.querySelector("button").hidden = !queued;
}

/**
 * Show streamed text. `kind`: `+` adds to the answer, `=` replaces it, `~` adds to the thoughts, `:` is what it waits
 * for, `;` that it waits for another answer.
 */
export function write(kind, message, text) {
  if (kind === ":" || kind === ";") {
    wait(message, text, kind === ";");
    return;
  }
  const node = textNode(message, kind === "~" ? ".thoughts" : ".text");
  if (!node) return;
  if (kind === "=") {
    foldings.set(message, new Folding());
    node.data = foldings.get(message).add(text);
    markBegun(node);
    showThoughts(message, "");
  } else if (kind === "+") {
    const length = node.length;
    node.appendData(foldings.get(message)?.add(text) ?? text);
    if (!length) markBegun(node);
    glow(node, length);
  } else {
    const length = node.length;
    node.appendData(text);
    glow(node, length);
    node.parentElement.parentElement.hidden = false;
  }
  follow();
}

/** Show the caret instead of the waiting line. By a class, because the browser would check `:empty` at each token. */
function markBegun(node) {
  node.parentElement.closest(".message").classList.toggle("begun", node.length > 0);
}

function showThoughts(message, text) {
  const node = textNode(message, ".thoughts");
  if (!node) return;
  node.data = text;
  node.parentElement.parentElement.hidden = text === "";
}

// --- staying at the end ---

let atEnd = true;
let position = 0;
let frame = 0;

/** Scroll to the end in the next animation frame, if the user is at the end. */
export function follow() {
  if (!atEnd || frame) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    if (atEnd) scroller.scrollTop = scroller.scrollHeight; // else the page has scrolled elsewhere meanwhile
  });
}

function goToEnd() {
  atEnd = true;
  toEnd.hidden = true;
  follow();
}

function scrolled() {
  const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PIXELS;
  // Text may have grown between our scrolling and this event. So only scrolling up means that the user wants to stay.
  if (near) atEnd = true;
  else if (scroller.scrollTop < position && !frame) atEnd = false;
  position = scroller.scrollTop;
  if (toEnd.hidden !== atEnd) toEnd.hidden = atEnd;
}

/** Call this before messages are added above. The function it returns then puts back in place what the user reads. */
export function keepPlace() {
  const first = document.querySelector("#chat-log > article");
  const top = first?.offsetTop;
  return () => {
    if (!atEnd && first?.isConnected) scroller.scrollTop += first.offsetTop - top;
  };
}

/** Stop scrolling along: the page has scrolled to a highlighted message. */
export function leaveEnd() {
  atEnd = false;
  toEnd.hidden = false;
}

// --- sending and stopping ---

/** Fields in which text is typed or chosen. */
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select";

const streaming = () => document.querySelectorAll("#chat-log > article[data-state=streaming]");

/** Update what depends on whether an answer is being written: the stop button and `aria-busy`. */
export function refresh() {
  const writing = streaming().length > 0;
  stop.hidden = !writing;
  document.getElementById("chat-log").setAttribute("aria-busy", String(writing));
  follow();
}

function stopAll() {
  for (const article of streaming()) send({ do: "stop", message: article.id.replace("message-", "") });
}

function typed(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (input.value.trim()) {
      goToEnd();
      input.form.requestSubmit();
    }
  }
}

/** Return whether Escape means something else where it is pressed: it closes a dialog, a menu or an edit, or leaves a field. */
function escapes(target) {
  return document.querySelector("dialog[open]") || (target !== input && target.closest(`details.menu, [role=menu], ${EDIT}, ${TYPED}`));
}

function pressed(event) {
  if (event.key === "Escape" && !stop.hidden && !escapes(event.target)) stopAll();
  const typing = event.target.closest(TYPED);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    input.focus();
  }
}

// --- copying ---

async function clicked(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const wanted = button.dataset.copy;
  const text = wanted === "code" && button.closest(".code") ? button.nextElementSibling.textContent : wanted;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    notice("The browser does not allow copying here. Select the text, and copy it with the keyboard.");
    return;
  }
  button.classList.add("copied");
  announce("Copied.");
  setTimeout(() => button.classList.remove("copied"), COPIED_MILLISECONDS);
}

scroller.addEventListener("scroll", scrolled, { passive: true });
new ResizeObserver(follow).observe(scroller);
toEnd.addEventListener("click", goToEnd);
stop.addEventListener("click", stopAll);
input.addEventListener("keydown", typed);
document.addEventListener("keydown", pressed);
document.addEventListener("click", clicked);
