// What becomes of a file that is dropped on the page: a table goes to the import of the open app, a text into the message
// as a quotation. Of everything else one sentence says why it is not taken.

import { importFile } from "./files.js";
import { announce, notice } from "./notices.js";
import { quote } from "./quote.js";

/** Characters of a file that fit into a message: more would leave a model no room for the conversation. */
const LONGEST = 20_000;
/** A character has at most so many bytes. */
const MOST_BYTES = 4;
const SHEET = /\.(csv|tsv|ics)$/i;
const ARRAY = /\.json$/i;
const WORKBOOK = /\.(xlsx?|xlsm|ods|numbers)$/i;

const written = (number) => number.toLocaleString("en");

/** Take what was dropped. `folders`: names of those that are folders. */
export async function take(files, folders) {
  const sentence = refusal(files, folders) ?? (await takeOne(files[0]));
  if (sentence) notice(sentence);
}

/** Return why none of it is taken, null if a single file came. */
function refusal(files, folders) {
  if (files.length > 1) {
    return `${written(files.length)} files were dropped, and none was taken: drop one at a time.`;
  }
  if (folders.length) return `“${folders[0]}” is a folder, which cannot be read yet. Drop one of its files.`;
  if (!files.length) return "Nothing was dropped that can be read: drop a file.";
  if (!files[0].size) return `“${files[0].name}” is empty: it has 0 bytes. Nothing was taken.`;
  return null;
}

/** Take a file; return a sentence if it is not taken. */
async function takeOne(file) {
  if (SHEET.test(file.name)) return toImport(file);
  if (WORKBOOK.test(file.name)) return `“${file.name}” is a workbook, which cannot be read yet. Save it as CSV, and drop that.`;
  try {
    if (ARRAY.test(file.name) && (await file.slice(0, LONGEST).text()).trimStart().startsWith("[")) return toImport(file);
    return await toMessage(file);
  } catch {
    return `“${file.name}” could not be read: it was moved or changed, or this browser may not open it. Drop it again.`;
  }
}

function toImport(file) {
  const button = document.getElementById("import-button");
  if (!button) return `“${file.name}” is a table, and the open app takes none. Open an app with a list, and drop it there.`;
  importFile(button.dataset.import, file);
  return "";
}

async function toMessage(file) {
  const text = decoded(await file.slice(0, LONGEST * MOST_BYTES + 1).arrayBuffer(), file.size > LONGEST * MOST_BYTES);
  if (text === null) {
    const kind = file.type ? ` (${file.type})` : "";
    return `“${file.name}” is neither a table nor a text${kind}. Such files cannot be read yet.`;
  }
  if (file.size > LONGEST * MOST_BYTES || text.length > LONGEST) {
    return (
      `“${file.name}” is too long: it has ${written(file.size)} bytes, and at most ${written(LONGEST)} characters of a file ` +
      "fit into a message. Copy the part that you mean, and paste it there."
    );
  }
  quote([`${file.name}:`, text.trimEnd()]);
  announce(`The text of ${file.name} stands in the message.`);
  return "";
}

/** Return the text that bytes are, null if they are none. `cut`: they may end within a character. */
function decoded(bytes, cut) {
  const [first, second] = new Uint8Array(bytes);
  const wide = { 0xfffe: "utf-16le", 0xfeff: "utf-16be" }[(first << 8) | second];
  try {
    const text = new TextDecoder(wide ?? "utf-8", { fatal: true }).decode(bytes, { stream: cut });
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}
