// Long lists: a button that loads more rows or older messages is clicked when it scrolls into view.

import { settled } from "./link.js";

const seen = new WeakSet();

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting || !target.isConnected) continue;
    observer.unobserve(target); // a new button arrives if there is still more
    press(target);
  }
});

/** Click a button, unless what was asked for before brings another one in its place: else it would load twice. */
async function press(button) {
  await settled();
  if (button.isConnected) button.click();
}

/** Watch the buttons that are in the page now. */
export function prepare() {
  for (const button of document.querySelectorAll("[data-more]")) {
    if (seen.has(button)) continue;
    seen.add(button);
    observer.observe(button);
  }
}
