// The text of an answer while it is written: its finished blocks come as HTML, its open block grows as plain text.

import { loaded } from "./later.js";

/** The element that shows the open block of each message. */
const elements = new Map();
/** When the model began to think, for each message whose answer has not begun. */
const clocks = new Map();
/**
 * How the open block of each message is shown: as a paragraph (`p`), as code (`code`), as an item of the list before
 * it (`li.open`; of tasks `li.open.task`; with its text in a paragraph `li.open>p`) or as a further part of an item
 * (`p.open`, `span.open`, `div.code.open>pre>code`). And the element into which finished HTML was put last.
 */
const begun = new Map();

const part = (message, name) => document.getElementById(`message-${message}`)?.querySelector(name);

/**
 * Show streamed text; return whether the page shows the message. `kind`: `=` replaces its text, `+` adds to its open
 * block, `|` (`head`: ID COUNT KIND) puts finished blocks in the place of all behind the first COUNT ones and of the
 * open one, or items of a list (COUNT.ITEMS) behind the first ones of the list there, or parts of the next item
 * (COUNT.ITEMS.DEPTH) so many elements below that list; `~` (`head`: ID SECONDS) adds to its thoughts.
 */
export function show(kind, head, text) {
  const [message, count, nextKind] = head.split(" ");
  const place = part(message, kind === "~" ? ".thoughts" : ".text");
  if (!place) return false;
  if (kind === "~") think(message, place, text, count);
  else if (kind === "+") grow(message, place, text);
  else begin(message, place, kind === "|" ? count : "0", nextKind ?? "p").insertAdjacentHTML("beforeend", kind === "|" ? text : "");
  if (kind === "=") {
    part(message, ".thinking > .thoughts")?.replaceChildren();
    hideThoughts(message);
    if (text) grow(message, place, text);
  }
  if (kind !== "+") markBegun(place);
  return true;
}

/** Keep the first blocks, or the first items of the list behind them; return where further ones belong. */
function begin(message, place, count, kind) {
  const [blocks, items, depth = 0] = count.split(".").map(Number);
  elements.get(message)?.closest(".open")?.remove();
  elements.delete(message);
  let parent = keep(place, items === undefined ? blocks : blocks + 1);
  if (items !== undefined) parent = keep(parent.lastElementChild, depth ? items + 1 : items);
  for (let left = depth; left > 0; left--) parent = parent.lastElementChild;
  begun.set(message, { kind, parent });
  return parent;
}

/** Remove all but the first children of an element, and return it. */
function keep(parent, count) {
  while (parent.childElementCount > count) parent.lastElementChild.remove();
  return parent;
}

function grow(message, place, text) {
  const isFirst = place.childElementCount === 0;
  const node = textNode(openElement(message, place));
  const length = node.length;
  node.appendData(text);
  loaded("glow")?.glow(node, length);
  if (isFirst) markBegun(place);
}

function openElement(message, place) {
  const known = elements.get(message);
  if (known?.isConnected) return known;
  const { kind, parent } = begun.get(message) ?? { kind: "p" };
  const names = kind === "code" ? ["div.code", "pre", "code"] : kind.split(">");
  const isBehindList = kind.startsWith("li") && !parent.matches("ul, ol");
  const element = names.reduce(child, isBehindList ? parent.lastElementChild : kind.includes(".") ? parent : place);
  elements.set(message, element);
  return element;
}

/** Add an element to another one, and return it. `name`: its name, and its classes behind points. */
function child(parent, name) {
  const [tag, ...styles] = name.split(".");
  const made = parent.appendChild(document.createElement(tag));
  if (styles.length) made.className = styles.join(" ");
  return made;
}

/** Return the node to add text to. A browser that translates the page puts elements in the place of text nodes. */
const textNode = (element) =>
  element.lastChild?.nodeType === Node.TEXT_NODE ? element.lastChild : element.appendChild(document.createTextNode(""));

/** `seconds`: in the first text of the thoughts, for how long the model thinks already. */
function think(message, place, text, seconds) {
  if (seconds !== undefined) clocks.set(message, Date.now() - 1000 * seconds);
  showClock(message);
  const node = textNode(place);
  const length = node.length;
  node.appendData(text);
  loaded("glow")?.glow(node, length);
  place.parentElement.hidden = false;
}

function showClock(message) {
  const words = part(message, ".thinking > summary");
  if (!words || !clocks.has(message)) return;
  const seconds = Math.round((Date.now() - clocks.get(message)) / 1000);
  const hasBegun = words.closest(".begun");
  words.textContent = hasBegun ? `Thought for ${Math.max(1, seconds)} s` : `Thinking … ${seconds} s`;
  if (hasBegun) clocks.delete(message);
}

setInterval(() => clocks.forEach((_, message) => showClock(message)), 1000);

function hideThoughts(message) {
  const thinking = part(message, ".thinking");
  if (thinking) thinking.hidden = true;
}

/** Show the caret instead of the waiting line. By a class, because the browser would check `:empty` at each token. */
function markBegun(place) {
  const message = place.closest(".message");
  message.classList.toggle("begun", place.childElementCount > 0);
  showClock(message.id.replace("message-", ""));
}

/** Forget the messages that have come to their end, or have left the page. `writing`: the ids of the others. */
export function forget(writing) {
  for (const message of begun.keys()) {
    if (!writing.has(message)) begun.delete(message);
    if (!writing.has(message)) clocks.delete(message);
    if (!elements.get(message)?.isConnected) elements.delete(message);
  }
}
