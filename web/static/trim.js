// A window of the messages: when a page has too many, those far from what is in view are taken out of it.

import { articles, firstInView, follow, isAtEnd, keepPlace, log, number } from "./chat.js";
import { send } from "./link.js";

/** The part of the most messages that stay when others are taken out. */
const KEPT = 2 / 3;
/** The part of those that stay on either side of what is in view, if there are so many. */
const AROUND = 1 / 8;

let trimming = false;

/** Take messages far from those in view out of the page when it has too many. First the server must know of it. */
export function trim() {
  const all = articles();
  const most = Number(log().dataset.most);
  if (trimming || all.length <= most) return;
  const count = Math.round(most * KEPT);
  const start = firstKept(all.length, count, isAtEnd() ? all.length : firstInView());
  const leaving = [...all.slice(0, start), ...all.slice(start + count)].map((one) => one.id);
  const first = start > 0 ? number(all[start]) : 0;
  const last = start + count < all.length ? number(all[start + count - 1]) : 0;
  trimming = true;
  send({ do: "trim", conversation: log().dataset.conversation, messages: count, first, last }, (refused) => {
    trimming = false;
    if (refused) return;
    const putBack = keepPlace();
    for (const id of leaving) takeOut(document.getElementById(id));
    putBack();
    follow();
    trim(); // more may have come meanwhile
  });
}

/**
 * Return which of `all` messages is the first of `count` that stay, `seen` being the first in view. They are taken out
 * at the far end: those at the near one may just have come because somebody scrolls to them.
 */
function firstKept(all, count, seen) {
  const around = Math.round(count * AROUND);
  if (seen >= all - count + around) return all - count;
  return seen <= count - around ? 0 : seen - Math.round(count / 2);
}

/** Take a message out of the page, with the lines about its versions. */
function takeOut(article) {
  while (article?.nextElementSibling?.matches(".versions")) article.nextElementSibling.remove();
  article?.remove();
}
