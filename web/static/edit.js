// Edit in place. An edit remembers what it began with: only what was changed is sent, with what it was before, so that
// the server can tell when somebody else changed it meanwhile.

export const EDIT = "form.edit";

const fields = (form) => [...form.querySelectorAll("input, textarea, select")].filter((field) => field.name);
const values = (form) => Object.fromEntries(fields(form).map((field) => [field.name, field.value]));

/** Open the edit of a row, with `typed` (a map of names to values) in its fields if given. */
export function openEdit(row, typed = {}) {
  const form = row.querySelector(EDIT);
  if (!form || !form.hidden) return;
  reveal(form);
  form.dataset.began = JSON.stringify(values(form));
  for (const field of fields(form)) {
    if (field.name in typed) field.value = typed[field.name];
  }
  fields(form)[0].focus();
  fields(form)[0].select?.();
}

function reveal(form) {
  form.hidden = false;
  form.closest("li").classList.add("editing");
}

/** Show the edit that was open in an element which this one has replaced. */
export function goOn(form, old) {
  reveal(form);
  form.dataset.began = old.dataset.began;
}

export function closeEdit(form) {
  if (form.hidden) return;
  form.reset();
  form.hidden = true;
  const row = form.closest("li");
  row.classList.remove("editing");
  row.querySelector("[data-edit]").focus();
}

/** Return the command with what was changed alone, and `where` it must still be as it was; null when nothing was. */
export function changes(form, command) {
  const began = JSON.parse(form.dataset.began);
  const changed = { ...command };
  const where = {};
  for (const { name, value } of fields(form)) {
    if (value === began[name]) delete changed[name];
    else where[name] = began[name];
  }
  return Object.keys(where).length ? { ...changed, where } : null;
}

function clicked(event) {
  if (event.target.closest("[data-edit]")) openEdit(event.target.closest("li"));
  if (event.target.closest("[data-cancel]")) closeEdit(event.target.closest(EDIT));
  const on = event.target.closest("[data-edit-on]");
  if (on) editOn(on);
}

/** Go on with an edit that was in conflict, from what the row is now. */
function editOn(button) {
  const typed = JSON.parse(button.dataset.values);
  const row = document.getElementById(button.dataset.editOn);
  button.closest("dialog").close();
  if (row) openEdit(row, typed);
}

function doubleClicked(event) {
  const row = event.target.closest(".title, .beside")?.closest("li[data-id]");
  if (row) openEdit(row);
}

function pressed(event) {
  const form = event.target.closest(EDIT);
  if (form && event.key === "Escape") closeEdit(form);
}

document.addEventListener("click", clicked);
document.addEventListener("dblclick", doubleClicked);
document.addEventListener("keydown", pressed);
