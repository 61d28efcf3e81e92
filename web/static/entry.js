// Quick entry: shows below the line what the server understands of it. A click on a part leaves it in the title.

import { send } from "./link.js";

const FORM = "form[data-understood]";
/** So long after the last key the server is asked. */
const PAUSE_MILLISECONDS = 120;

let timer = 0;

const line = (form) => form.elements[form.dataset.line];
const shown = (form) => document.getElementById(form.dataset.understood);
/** The parts that stay in the title. */
const kept = (form) => JSON.parse(form.elements.kept?.value ?? "[]");

function ask(form, keeping = kept(form)) {
  const { table } = JSON.parse(form.getAttribute("hx-vals"));
  const { name, value } = line(form);
  if (value.trim()) send({ do: "understand", table, [name]: value, kept: JSON.stringify(keeping) });
  else clear(form);
}

function clear(form) {
  clearTimeout(timer);
  shown(form).replaceChildren();
  shown(form).hidden = true;
}

function typed(event) {
  const form = event.target.closest(FORM);
  if (!form || event.target !== line(form)) return;
  clearTimeout(timer);
  timer = setTimeout(() => ask(form), PAUSE_MILLISECONDS);
}

function clicked(event) {
  const chip = event.target.closest("[data-chip]");
  if (!chip) return;
  const form = chip.closest(FORM);
  ask(form, [...kept(form), chip.dataset.chip]);
  line(form).focus();
}

document.addEventListener("input", typed);
document.addEventListener("click", clicked);
document.addEventListener("reset", (event) => event.target.matches(FORM) && clear(event.target));
