// What the fields of a form hold, as one text each: of a choice of several rows, all that are chosen.

const isSeveral = (field) => field.multiple && field.options;

/** Return what a field holds. */
export const held = (field) =>
  isSeveral(field) ? [...field.selectedOptions].map((one) => one.value).join(", ") : field.value;

/** Put into a field what `held` has returned for one like it. */
export function put(field, text) {
  if (!isSeveral(field)) {
    field.value = text;
    return;
  }
  const chosen = text.split(", ");
  for (const one of field.options) one.selected = chosen.includes(one.value);
}
