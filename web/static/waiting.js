// Questions that wait while an answer comes: Alt with an arrow moves the one that has the focus.

import { is, onKeys } from "./keys.js";
import { send } from "./link.js";

function pressed(event) {
  const item = event.target.closest("#chat-waiting li");
  if (!item || !(is(event, "up") || is(event, "down"))) return;
  event.preventDefault();
  send({ do: "waiting-move", id: item.dataset.waiting, way: is(event, "up") ? "up" : "down" });
}

onKeys(document, pressed);
