// Cards show what the assistant did or proposes. Here: undo a whole answer, and answer a proposal with a message.

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
  amendment.hidden = form.elements.amends.value === ""; // a refused message comes back with the proposal it was about
}

// --- changing a proposal ---

function amend(button) {
  form.elements.amends.value = button.dataset.amend;
  document.getElementById("amended").textContent = `Instead of: ${button.dataset.question}`;
  amendment.hidden = false;
  input.focus();
}

function leave() {
  form.elements.amends.value = "";
  amendment.hidden = true;
}

function clicked(event) {
  const button = event.target.closest("[data-amend]");
  if (button) amend(button);
  if (event.target.closest("#amend-cancel")) {
    leave();
    input.focus();
  }
}

function escaped(event) {
  if (is(event, "escape") && !amendment.hidden) leave();
}

document.addEventListener("click", clicked);
form.addEventListener("reset", leave);
onKeys(input, escaped);
