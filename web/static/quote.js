// Quotations in the message to the assistant, as Markdown has them: each line begins with `>`.

import { toField } from "./focus.js";

const input = document.getElementById("chat-input");

/** Return lines of text as a quotation. */
export const quoted = (lines) => lines.flatMap((line) => line.split(/\r\n|\r|\n/)).map((line) => `> ${line}`.trimEnd()).join("\n");

/** Put lines of text as a quotation above what stands in the message field, and go there. */
export function quote(lines) {
  input.value = `${quoted(lines)}\n\n${input.value}`;
  input.dispatchEvent(new Event("input", { bubbles: true })); // it is a draft
  toField();
  input.setSelectionRange(input.value.length, input.value.length);
}
