// A value that was refused: the sentence stands beneath its field, until somebody writes in the field or sends the form.

const MARKED = "[aria-invalid=true]";

/** Say beneath a field what is wrong with its value, and put the cursor there. */
export function mark(input, sentence) {
  clear(input);
  const line = document.createElement("p");
  line.className = "problem fault";
  line.id = `${input.id}-fault`;
  line.textContent = sentence;
  input.after(line);
  input.setAttribute("aria-invalid", "true");
  describe(input, [line.id, ...described(input)]);
  input.focus();
}

function clear(input) {
  if (!input.matches(MARKED)) return;
  const line = `${input.id}-fault`;
  document.getElementById(line)?.remove();
  input.removeAttribute("aria-invalid");
  describe(input, described(input).filter((id) => id !== line));
}

/** The ids of what describes an input: hints of the form itself stay beside the sentence. */
const described = (input) => input.getAttribute("aria-describedby")?.split(" ") ?? [];

function describe(input, ids) {
  if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
  else input.removeAttribute("aria-describedby");
}

const clearAll = (form) => form.querySelectorAll(MARKED).forEach(clear);

document.addEventListener("input", ({ target }) => clear(target));
for (const type of ["submit", "reset"]) document.addEventListener(type, ({ target }) => clearAll(target), { capture: true });
