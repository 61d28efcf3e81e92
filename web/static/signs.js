// What a tab in the background says of itself, by its title and its icon: an answer comes, one is there that was not
// seen yet, the connection is lost. And by a notification, if the user wants that: see notify.js.

import { load } from "./later.js";
import { announce } from "./notices.js";

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
/** Id of the newest reminder that this tab has seen; undefined before the first look. */
let newest;

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
  remind();
  show();
}

/** An answer came to its end; `article` is null when another conversation is shown meanwhile. */
async function ended(article, milliseconds) {
  if (!article || !document.hidden) return;
  there = true;
  if (milliseconds <= LONG_MILLISECONDS) return;
  const text = article.querySelector(".text")?.textContent.trim() ?? "";
  (await load("notify"))?.tell("Your answer is there", text, "pianola-answer");
}

/** What has become due since the last look: a notification while the tab is hidden, else a word for screen readers. What was there when it was opened is no news. */
async function remind() {
  const lines = [...document.querySelectorAll("#reminders li")].map((line) => [Number(line.dataset.id), line]);
  const known = newest ?? Infinity;
  newest = Math.max(newest ?? 0, ...lines.map(([id]) => id));
  for (const [id, line] of lines.filter(([one]) => one > known)) {
    const text = line.querySelector(".reminded").textContent;
    if (document.hidden) (await load("notify"))?.tell("Due now", text, `pianola-due-${id}`);
    else announce(`Due now: ${text}`);
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) there = false;
  show();
});
new MutationObserver(show).observe(document.body, { attributeFilter: ["data-connected"] });
