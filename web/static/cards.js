// Cards show what the assistant did or proposes. Here: undo a whole answer, and answer a proposal or a remark.

import { closeMenu, toField } from "./focus.js";
import { is, onKeys } from "./keys.js";

/** From so many cards on, an answer has a button that undoes all of them. */
const CARDS_FOR_UNDO_ALL = 2;

const form = document.getElementById("chat-form");
const input = document.getElementById("chat-input");
const amendment = document.getElementById("amendment");

// --- undoing an answer ---

/** Show the undo button of an answer with several changes that are not undone yet, at the answer's last message. */
export function refresh() {
  const questions = new Map();
  const last = new Map();
  const changes = new Map();
  for (const article of document.querySelectorAll("#chat-log > article")) {
    const { question, answer } = article.dataset;
    if (question) {
      questions.set(article.id.replace("message-", ""), question);
      last.set(question, article);
    } else if (answer && questions.has(answer)) {
      changes.set(questions.get(answer), (changes.get(questions.get(answer)) ?? 0) + 1);
    }
  }
  for (const footer of document.querySelectorAll("#chat-log .undo-answer")) {
    const article = footer.closest("article");
    const { question } = article.dataset;
    footer.hidden = last.get(question) !== article || (changes.get(question) ?? 0) < CARDS_FOR_UNDO_ALL;
  }
  fold();
  amendment.hidden = !about().some((field) => field.value); // a refused message comes back with what it was about
}

// --- folding ---

/** Fold the cards of an answer behind the first ones, unless the user has unfolded them or goes to one of them. */
function fold() {
  for (const more of document.querySelectorAll("#chat-log [data-unfolds]")) {
    const folded = [];
    let next = more.closest("article").nextElementSibling;
    for (; next?.matches("[data-folded]"); next = next.nextElementSibling) folded.push(next);
    if (folded.some((one) => "marked" in one.dataset)) more.open = true;
    for (const one of folded) one.hidden = !more.open;
  }
}

// --- a message about a proposal or a remark ---

/** The fields that hold the id of what the message is about. */
const about = () => [form.elements.amends, form.elements.remark];

function begin(field, id, sentence) {
  leave();
  form.elements[field].value = id;
  document.getElementById("amended").textContent = sentence;
  amendment.hidden = false;
  toField();
}

function answer(button) {
  const text = document.getElementById(`message-${button.dataset.remark}`).querySelector(".text").textContent.trim();
  closeMenu(button);
  begin("remark", button.dataset.remark, `Answer to: ${text}`);
}

function leave() {
  for (const field of about()) field.value = "";
  amendment.hidden = true;
}

function clicked(event) {
  const button = event.target.closest("[data-amend]");
  if (button) begin("amends", button.dataset.amend, `Instead of: ${button.dataset.question}`);
  const remark = event.target.closest("[data-remark]");
  if (remark) answer(remark);
  if (event.target.closest("#amend-cancel")) {
    leave();
    input.focus();
  }
}

function escaped(event) {
  if (is(event, "escape") && !amendment.hidden) leave();
}

document.addEventListener("click", clicked);
document.addEventListener("toggle", (event) => event.target.matches("[data-unfolds]") && fold(), true);
form.addEventListener("reset", leave);
onKeys(input, escaped);
