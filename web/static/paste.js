// Texts that no field can keep are not pasted: with some millions of characters the browser would stand still for minutes.
// Nothing is lost, because the text is still where it was copied.

import { send } from "./link.js";
import { notice } from "./notices.js";

/** As MAX_TEXT_CHARACTERS in bus/messages.py. */
const LONGEST = 200_000;
const PASTES = ["insertFromPaste", "insertFromDrop", "insertFromYank", "insertReplacementText"];

/** Lines that are pasted into the field for a row's title: the server asks whether they become as many rows. */
function pasted(event) {
  const form = event.target.closest?.("form.add");
  if (!form || event.target !== form.querySelector("input")) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text.length > LONGEST || text.split("\n").filter((line) => line.trim()).length < 2) return;
  event.preventDefault();
  send({ do: "rows-ask-insert", table: JSON.parse(form.getAttribute("hx-vals")).table, lines: text });
}

document.addEventListener("paste", pasted);
document.addEventListener("beforeinput", (event) => {
  if (!PASTES.includes(event.inputType)) return;
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  if (text.length <= LONGEST) return;
  event.preventDefault();
  const [found, most] = [text.length, LONGEST].map((count) => count.toLocaleString("en"));
  notice(`This text is too long: ${found} characters. At most ${most} fit into a field. It was not pasted: shorten it first.`);
});
