// Keeps elements in the page while the user presses on something clickable.
//
// The browser sends a click only if the pressed element is still in the page when the button is released.

import { release } from "./link.js";

const CLICKABLE = "a, button, summary, label, input, select";
/** After this time elements are replaced again, even if no release of the button was seen. */
const LONGEST_MILLISECONDS = 1000;

let timer = 0;

/** Whether something is pressed right now. */
export const pressing = () => timer !== 0;

function press(event) {
  if (event.button !== 0 || !event.target.closest?.(CLICKABLE)) return;
  clearTimeout(timer);
  timer = setTimeout(letGo, LONGEST_MILLISECONDS);
}

function letGo() {
  if (!pressing()) return;
  clearTimeout(timer);
  timer = 0;
  release();
}

document.addEventListener("pointerdown", press, { capture: true });
// The click comes in the same turn of the event loop. The frames that were kept are handled after it.
document.addEventListener("pointerup", () => setTimeout(letGo), { capture: true });
document.addEventListener("pointercancel", letGo, { capture: true });
