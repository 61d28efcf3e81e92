// Uploads for imports. The server checks the file; the preview then arrives over the WebSocket.

import { closeMenu } from "./focus.js";
import { fill } from "./menus.js";

const dialog = () => document.getElementById("files");
const MEGABYTE = 1024 * 1024;

function open(table) {
  const shown = dialog();
  shown.dataset.table = table;
  shown.querySelector("[data-into]").textContent = table;
  showProblem("");
  fill(document.getElementById("imports"));
  if (!shown.open) shown.showModal();
}

/** Show the preview of a file's rows for a table, or what is wrong with the file. */
export function importFile(table, file) {
  open(table);
  upload(file);
}

/** Show what is wrong with the file; "" hides it. */
function showProblem(sentence) {
  const problem = document.getElementById("import-problem");
  problem.textContent = sentence;
  problem.hidden = sentence === "";
}

function setBusy(busy) {
  document.getElementById("import-busy").hidden = !busy;
  document.getElementById("import-file").disabled = busy;
}

/** Return what an answer says, if it is a sentence and not a page. */
async function sentenceOf(answer) {
  const isSentence = (answer.headers.get("Content-Type") ?? "").startsWith("text/plain");
  const sentence = isSentence ? (await answer.text()).trim() : "";
  return sentence || `The file was not taken: the answer has status ${answer.status}. Nothing was imported. Try again.`;
}

async function upload(file) {
  showProblem("");
  const most = Number(document.getElementById("import-file").dataset.largest);
  if (file.size > most) {
    const size = Math.ceil(file.size / MEGABYTE);
    showProblem(`The file has ${size} MB. At most ${most / MEGABYTE} MB can be imported at once.`);
    return;
  }
  setBusy(true);
  try {
    const where = `/import/${encodeURIComponent(dialog().dataset.table)}?file=${encodeURIComponent(file.name)}`;
    const answer = await fetch(where, { method: "POST", body: file });
    if (!answer.ok) showProblem(await sentenceOf(answer));
  } catch {
    showProblem("The upload failed: the connection broke, or the file was changed meanwhile. Choose the file again.");
  } finally {
    setBusy(false);
  }
}

async function chosen(input) {
  if (input.files.length) await upload(input.files[0]);
  input.value = "";
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-import]");
  if (!opener) return;
  closeMenu(opener);
  open(opener.dataset.import);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "import-file") chosen(event.target);
});
