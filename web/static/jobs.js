// Jobs: how far they are, as it changes. And a double click on the button that runs one runs it once.

/** Show how far jobs are. `text`: three lines for each job: its id, DONE TOTAL, and words. */
export function progress(text) {
  const lines = text.split("\n");
  for (let at = 0; at + 2 < lines.length; at += 3) show(lines[at], lines[at + 1], lines[at + 2]);
}

function show(job, numbers, line) {
  const bar = document.getElementById(`job-${job}-bar`);
  const words = document.getElementById(`job-${job}-words`);
  if (!bar || !words) return; // another page is shown meanwhile
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
