// The list of conversations: what the server sends when it is opened, several that are selected, and imports.

import { closeMenu } from "./focus.js";
import { send } from "./link.js";
import { notice } from "./notices.js";

const menu = document.getElementById("conversation-menu");
const LOST = "The file could not be sent: the connection broke. Choose it again.";

const ticked = () => [...document.querySelectorAll("#talk-list input:checked")].map((box) => box.value);

/** Begin or end to select several. */
function select(selecting) {
  menu.toggleAttribute("data-selecting", selecting);
  document.getElementById("talks-menu").removeAttribute("open");
  for (const box of document.querySelectorAll("#talk-list input")) box.checked = false;
  document.querySelector(selecting ? "#talk-list input" : "#talks-menu > summary")?.focus();
}

function remove() {
  if (ticked().length) send({ do: "ask_delete", conversation: ticked().join(",") });
}

async function upload(input) {
  const [file] = input.files;
  if (!file) return;
  document.getElementById("talks-menu").removeAttribute("open");
  try {
    const answer = await fetch("/conversations", { method: "POST", body: file });
    notice(await answer.text());
  } catch {
    notice(LOST);
  }
  input.value = "";
}

const PRESSED = {
  "talk-select": () => select(true),
  "talk-select-end": () => select(false),
  "talk-delete": remove,
  "talk-close": () => closeMenu(menu),
};

menu.addEventListener("toggle", () => (menu.open ? send({ do: "talks" }) : select(false)));
menu.addEventListener("click", (event) => PRESSED[event.target.id]?.());
menu.addEventListener("submit", (event) => event.target.id === "talk-several" && !ticked().length && event.preventDefault());
menu.addEventListener("change", (event) => event.target.id === "talk-import" && upload(event.target));
