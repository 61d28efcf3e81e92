// A press on something that can be clicked: nothing is replaced until it is let go.
//
// The browser sends a click only if the element that was pressed is still there when the button goes up.

import { release } from "./link.js";

const CLICKABLE = "a, button, summary, label, input, select";
/** After this the page goes on, even if nobody saw the button go up. */
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
// The click follows in the same turn of the event loop; what was held comes after it.
document.addEventListener("pointerup", () => setTimeout(letGo), { capture: true });
document.addEventListener("pointercancel", letGo, { capture: true });
