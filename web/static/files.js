// Uploads for imports: a file goes to the server, which checks it; what it would do arrives over the connection.

const dialog = () => document.getElementById("files");
const MEGABYTE = 1024 * 1024;

function open(table) {
  const shown = dialog();
  shown.dataset.table = table;
  shown.querySelector("[data-into]").textContent = table;
  tell("");
  shown.showModal();
}

/** Show a sentence about the file, or none. */
function tell(sentence) {
  const problem = document.getElementById("import-problem");
  problem.textContent = sentence;
  problem.hidden = sentence === "";
}

function busy(is) {
  document.getElementById("import-busy").hidden = !is;
  document.getElementById("import-file").disabled = is;
}

async function upload(input) {
  const [file] = input.files;
  if (!file) return;
  tell("");
  const most = Number(input.dataset.largest);
  if (file.size > most) {
    tell(`The file has ${Math.ceil(file.size / MEGABYTE)} MB; at most ${most / MEGABYTE} MB can be imported at once.`);
    input.value = "";
    return;
  }
  busy(true);
  try {
    const where = `/import/${encodeURIComponent(dialog().dataset.table)}?file=${encodeURIComponent(file.name)}`;
    const answer = await fetch(where, { method: "POST", body: file });
    if (!answer.ok) tell(await answer.text());
  } catch {
    tell("The file did not arrive: the connection broke, or the file changed meanwhile. Choose it again.");
  } finally {
    busy(false);
    input.value = "";
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-import]");
  if (!opener) return;
  opener.closest("details.menu")?.removeAttribute("open");
  open(opener.dataset.import);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "import-file") upload(event.target);
});
