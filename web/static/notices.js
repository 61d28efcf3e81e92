// Short messages for the user: shown for some seconds, and read by screen readers.

const SECONDS = 12;

/** Show a sentence. It disappears after some seconds, or at a click. */
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

/** Have screen readers say a sentence. */
export function announce(sentence) {
  document.getElementById("announcements").textContent = sentence;
}
