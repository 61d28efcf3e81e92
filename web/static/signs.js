// What a tab in the background says of itself, by its title and its icon: an answer comes, one is there that was not
// seen yet, the connection is lost. And by a notification, if the user wants that: see notify.js.

import { load } from "./later.js";

const LONG_MILLISECONDS = 10_000;

/** By name: the words before the title, and the colour of the dot on the icon. */
const SIGNS = {
  lost: ["No connection", "%23e5484d"],
  comes: ["Answering …", "%23f5a524"],
  there: ["Answer", "%2330a46c"],
  "": ["", ""],
};

const icon = document.querySelector("link[rel=icon]");
const plain = icon.href;
/** The answers that are being written: id of the message to when the tab saw that first, in milliseconds. */
const since = new Map();
/** An answer came to its end while the tab was hidden. */
let there = false;

function sign() {
  if (document.body.dataset.connected === "no") return "lost";
  if (since.size) return "comes";
  return there ? "there" : "";
}

function show() {
  const [words, colour] = SIGNS[sign()];
  const { title } = document.getElementById("app").dataset;
  document.title = words ? `${words} · ${title}` : title;
  const dot = `%3Ccircle cx='23' cy='23' r='8' stroke='%23fff' stroke-width='2' fill='${colour}'/%3E%3C/svg%3E`;
  const wanted = colour ? plain.replace("%3C/svg%3E", dot) : plain;
  if (icon.href !== wanted) icon.href = wanted;
}

/** Call this after HTML has arrived: answers may have begun, or come to their end. */
export function refresh() {
  const writing = document.querySelectorAll("#chat-log > article[data-state=streaming]");
  const now = new Set([...writing].map((article) => article.id));
  for (const [id, began] of since) {
    if (now.has(id)) continue;
    since.delete(id);
    ended(document.getElementById(id), Date.now() - began);
  }
  for (const id of now) if (!since.has(id)) since.set(id, Date.now());
  show();
}

/** An answer came to its end; `article` is null when another conversation is shown meanwhile. */
async function ended(article, milliseconds) {
  if (!article || !document.hidden) return;
  there = true;
  if (milliseconds > LONG_MILLISECONDS) (await load("notify"))?.tell(article);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) there = false;
  show();
});
new MutationObserver(show).observe(document.body, { attributeFilter: ["data-connected"] });
