// The cards of what the assistant did or would do: taking an answer back as a whole, and changing a proposal by words.

const CARDS_OF_AN_ANSWER = 2;

const form = document.getElementById("chat-form");
const input = document.getElementById("chat-input");
const amendment = document.getElementById("amendment");

// --- taking an answer back ---

/** Show the button of an answer when it did several things that still stand: at its last step, for all of them. */
export function refresh() {
  const questions = new Map();
  const last = new Map();
  const deeds = new Map();
  for (const article of document.querySelectorAll("#chat-log > article")) {
    const { question, answer } = article.dataset;
    if (question) {
      questions.set(article.id.replace("message-", ""), question);
      last.set(question, article);
    } else if (answer && questions.has(answer)) {
      deeds.set(questions.get(answer), (deeds.get(questions.get(answer)) ?? 0) + 1);
    }
  }
  for (const footer of document.querySelectorAll("#chat-log .undo-answer")) {
    const article = footer.closest("article");
    const { question } = article.dataset;
    footer.hidden = last.get(question) !== article || (deeds.get(question) ?? 0) < CARDS_OF_AN_ANSWER;
  }
  amendment.hidden = form.elements.amends.value === ""; // a refused message comes back with what it was about
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
  if (event.key === "Escape" && !amendment.hidden) leave();
}

document.addEventListener("click", clicked);
form.addEventListener("reset", leave);
input.addEventListener("keydown", escaped);
