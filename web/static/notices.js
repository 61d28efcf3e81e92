// Sentences for the user: shown for a while, and read aloud.

const SECONDS = 12;

/** Show a sentence; it goes away by itself, or when it is clicked. */
export function notice(sentence) {
  const shown = document.createElement("button");
  shown.type = "button";
  shown.className = "notice";
  shown.textContent = sentence;
  shown.title = "Dismiss";
  shown.addEventListener("click", () => shown.remove());
  document.getElementById("notices").append(shown);
  setTimeout(() => shown.remove(), SECONDS * 1000);
}

/** Say something to those who listen to the page. */
export function announce(sentence) {
  document.getElementById("announcements").textContent = sentence;
}
