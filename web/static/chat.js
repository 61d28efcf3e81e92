// The conversation: adds streamed text, scrolls along with it, copies, and stops answers.

import { EDIT } from "./edit.js";
import { toField } from "./focus.js";
import { is, onKeys, typing } from "./keys.js";
import { send } from "./link.js";
import { announce, notice } from "./notices.js";
import { forget, show } from "./writing.js";

const NEAR_END_PIXELS = 64;
const COPIED_MILLISECONDS = 1500;

const scroller = document.getElementById("chat-scroll");
const input = document.getElementById("chat-input");
const stop = document.getElementById("chat-stop");
const toEnd = document.getElementById("chat-end");
const log = () => document.getElementById("chat-log");
const newer = () => document.getElementById("chat-newer");

// --- text as it grows ---

/** Show what an answer waits for. `queued`: for another answer; then it can be stopped by itself. */
function wait(message, text, queued) {
  const line = document.getElementById(`waiting-${message}`);
  if (!line) return; // the answer has arrived meanwhile
  line.querySelector(".state").textContent = text;
  line.querySelector("button").hidden = !queued;
}

/**
 * Show streamed text, as `show` does it in writing.js; or what a message waits for: `:`, and `;` if that is another
 * answer.
 */
export function write(kind, head, text) {
  if (kind === ":" || kind === ";") wait(head, text, kind === ";");
  else if (show(kind, head, text)) follow();
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
    // If it is not at its end, the user has scrolled elsewhere meanwhile.
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  });
}

/** Go to the end of the conversation, also when the page has taken it out. */
function goToEnd() {
  if (!newer().hidden) {
    newer().hidden = true;
    send({ do: "newest" });
  }
  atEnd = true;
  toEnd.hidden = true;
  follow();
}

function scrolled() {
  const near = newer().hidden && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PIXELS;
  // Text may have grown between our scrolling and this event. So only scrolling up means that the user wants to stay.
  if (near) atEnd = true;
  else if (scroller.scrollTop < position && !frame) atEnd = false;
  position = scroller.scrollTop;
  if (toEnd.hidden !== atEnd) toEnd.hidden = atEnd;
}

/** Call this before messages change. The function it returns then puts back in place what the user reads. */
export function keepPlace() {
  const read = atEnd ? null : articles()[firstInView()];
  // In a page that became shorter it may be less by then.
  const [top, from] = [read?.offsetTop, scroller.scrollTop];
  return () => {
    const now = read && document.getElementById(read.id);
    if (now && !atEnd) scroller.scrollTop = from + now.offsetTop - top;
  };
}

const articles = () => [...log().querySelectorAll(":scope > article")];

/** Return the place of the first message that can be seen. */
function firstInView() {
  const all = articles();
  const found = all.findIndex((one) => one.offsetTop + one.offsetHeight > scroller.scrollTop);
  return found < 0 ? all.length - 1 : found;
}

/** Stop scrolling along: the page has scrolled to a highlighted message. */
export function leaveEnd() {
  atEnd = false;
  toEnd.hidden = false;
}

// --- a window of the messages ---

/** The part of the most messages that stay when others are taken out. */
const KEPT = 2 / 3;
/** The part of those that stay on either side of what is in view, if there are so many. */
const AROUND = 1 / 8;

let trimming = false;

/** Take messages far from those in view out of the page when it has too many. First the server must know of it. */
function trim() {
  const all = articles();
  const most = Number(log().dataset.most);
  if (trimming || all.length <= most) return;
  const count = Math.round(most * KEPT);
  const start = firstKept(all.length, count, atEnd ? all.length : firstInView());
  const leaving = [...all.slice(0, start), ...all.slice(start + count)].map((one) => one.id);
  const first = start > 0 ? number(all[start]) : 0;
  const last = start + count < all.length ? number(all[start + count - 1]) : 0;
  trimming = true;
  send({ do: "trim", conversation: log().dataset.conversation, messages: count, first, last }, (refused) => {
    trimming = false;
    if (refused) return;
    const putBack = keepPlace();
    for (const id of leaving) takeOut(document.getElementById(id));
    putBack();
    follow();
    trim(); // more may have come meanwhile
  });
}

/**
 * Return which of `all` messages is the first of `count` that stay, `seen` being the first in view. They are taken out
 * at the far end: those at the near one may just have come because somebody scrolls to them.
 */
function firstKept(all, count, seen) {
  const around = Math.round(count * AROUND);
  if (seen <= count - around) return 0;
  return seen >= all - count + around ? all - count : seen - Math.round(count / 2);
}

/** Take a message out of the page, with the lines about its versions. */
function takeOut(article) {
  while (article?.nextElementSibling?.matches(".versions")) article.nextElementSibling.remove();
  article?.remove();
}

const number = (article) => article.id.replace("message-", "");

// --- sending and stopping ---

/** Fields in which text is typed or chosen. */
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select";
/** A keyboard on glass has no Shift with Enter: there Enter begins a line, and the button sends. */
const TOUCH = matchMedia("(hover: none) and (pointer: coarse)");

/** The answers that are being written. One that waits for another one has a Stop of its own. */
const running = () => [...streaming()].filter((one) => one.querySelector(".waiting > button")?.hidden !== false);
const streaming = () => document.querySelectorAll("#chat-log > article[data-state=streaming]");

/** Update what depends on whether an answer is being written: the stop button and `aria-busy`. */
export function refresh() {
  const writing = streaming().length > 0;
  stop.hidden = !writing;
  log().setAttribute("aria-busy", String(writing));
  forget(new Set([...streaming()].map(number)));
  trim();
  follow();
}

function stopAll() {
  for (const article of running()) send({ do: "stop", message: number(article) });
}

function typed(event) {
  if (is(event, "send") && !TOUCH.matches) {
    event.preventDefault();
    if (input.value.trim()) input.form.requestSubmit();
  }
}

/** Return whether Escape means something else: it closes a dialog, menu or edit, ends a selection, or leaves a field. */
function escapes(target) {
  const open = "dialog[open], .rows > .selected";
  return document.querySelector(open) || (target !== input && target.closest(`details.menu, [role=menu], ${EDIT}, ${TYPED}`));
}

function pressed(event) {
  if (is(event, "escape") && !stop.hidden && !escapes(event.target)) stopAll();
  if (is(event, "write") && !typing(event)) {
    event.preventDefault();
    toField();
  }
}

// --- copying ---

/** A command that is pasted into a terminal must not run at once. */
const codeOf = (button) => button.closest(".code").querySelector("code").textContent.replace(/\n$/, "");

async function clicked(event) {
  if (event.target.matches(".skip")) toField();
  const saving = event.target.closest("[data-download]");
  if (saving) (await import("./code.js")).save(codeOf(saving), saving.dataset.download);
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const wanted = button.dataset.copy;
  const text = wanted === "code" && button.closest(".code") ? codeOf(button) : wanted;
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
input.form.addEventListener("submit", goToEnd);
stop.addEventListener("click", stopAll);
onKeys(input, typed);
onKeys(document, pressed);
document.addEventListener("click", clicked);
