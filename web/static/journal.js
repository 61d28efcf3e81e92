// The journal's filter: each choice has an address, which opens like a link, and the chat stays as it is.

import { open } from "./address.js";
import { isUnfinished } from "./dates.js";

function filter(form) {
  const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(chosen).toString();
  open(new URL(`${form.getAttribute("action")}${query && "?"}${query}`, location.href));
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("#journal-filter");
  if (form && !isUnfinished(event.target)) filter(form);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#journal-filter")) return;
  event.preventDefault();
  filter(event.target);
});
