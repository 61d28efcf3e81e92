// Jobs: how far they are, as it changes. And a double click on the button that runs one runs it once.

/** Show how far a job is. `text`: DONE TOTAL, then a line of words. */
export function progress(job, text) {
  const bar = document.getElementById(`job-${job}-bar`);
  const words = document.getElementById(`job-${job}-words`);
  if (!bar || !words) return; // another page is shown meanwhile
  const [numbers, line] = text.split("\n");
  const [done, total] = numbers.split(" ").map(Number);
  if (total) {
    bar.max = total;
    bar.value = done;
  } else {
    bar.removeAttribute("value");
  }
  words.textContent = line;
  words.hidden = line === "";
}

/** The second click may come when the first one is answered already, and even hit a form that has replaced the first. */
function clicked(event) {
  if (event.detail > 1 && event.target.closest("form[data-once] [type=submit]")) event.preventDefault();
}

document.addEventListener("click", clicked, true);
