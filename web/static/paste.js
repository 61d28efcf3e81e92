// Texts that no field can keep are not pasted: with some millions of characters the browser would stand still for minutes.
// Nothing is lost, because the text is still where it was copied.
//
// Files that are dropped anywhere on the page are taken or answered: see drop.js. A field for files takes them by itself.

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

const brings = ({ dataTransfer, target }) => dataTransfer?.types.includes("Files") && !target.closest?.("input[type=file]");

function dragged(event) {
  if (event.type === "dragleave" && event.relatedTarget) return; // only over another element
  const over = event.type === "dragover" && brings(event);
  document.body.toggleAttribute("data-dropping", over);
  if (over) event.preventDefault(); // else the browser would leave the page and open the file
}

async function dropped(event) {
  document.body.removeAttribute("data-dropping");
  if (!brings(event)) return;
  event.preventDefault();
  // Now, not later: what was dropped is known only during the event.
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
  const folders = entries.filter((entry) => entry?.isDirectory).map((entry) => entry.name);
  const files = [...event.dataTransfer.files];
  (await import("./drop.js")).take(files, folders);
}

document.addEventListener("dragover", dragged);
document.addEventListener("dragleave", dragged);
document.addEventListener("drop", dropped);
document.addEventListener("paste", pasted);
document.addEventListener("beforeinput", (event) => {
  if (!PASTES.includes(event.inputType)) return;
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  if (text.length <= LONGEST) return;
  event.preventDefault();
  const [found, most] = [text.length, LONGEST].map((count) => count.toLocaleString("en"));
  notice(`This text is too long: ${found} characters. At most ${most} fit into a field. It was not pasted: shorten it first.`);
});
