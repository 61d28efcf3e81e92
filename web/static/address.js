// Keeps the address in step with the open app, its filters, and the conversation beside it, so that Back
// and Forward work, and a reload or a copied address shows the same.
//
// A link to an app or a conversation does not load a new page: what it leads to comes over the WebSocket, and the rest
// of the page stays as it is.

import { closeMenu, showPane } from "./focus.js";
import { send } from "./link.js";
import { lookFor } from "./rows.js";

/** The address that was asked for, until the page shows it; else null. */
let wanted = null;
/** Whether it was asked for by Back or Forward: it stands in the history already. */
let isBack = false;
/** See `hasBegun`. */
let begun = false;
/** The server has answered to that, but may show something else, if what was asked for is not there any more. */
let taken = false;

const app = () => document.getElementById("app");
/** Return the conversation that the page shows, as it is written in an address. */
export const talk = () => document.getElementById("chat-log").dataset.conversation ?? "new";
const withTalk = (address, talk) => `${address}${address.includes("?") ? "&" : "?"}talk=${talk}`;
const shown = () => withTalk(app().dataset.address, talk());

function ask(address, command) {
  [wanted, isBack, taken] = [address, false, false];
  send(command, (refused) => {
    if (refused && wanted === address) wanted = null;
    taken = wanted === address && isBack;
  });
}

/** Whether the page now shows for the first time the conversation that a message from here has begun. */
export const hasBegun = () => begun;

/** Return what an app has of a query: all but the conversation. */
function ownQuery(search) {
  const parts = search.slice(1).split("&");
  return parts.filter((part) => part && !/^talk(=|$)/.test(part)).join("&");
}

function ownAddress(url) {
  const query = ownQuery(url.search);
  return url.pathname + (query && `?${query}`);
}

/** Show the app and the filters in a URL, which the user has chosen; beside the chat, if that fills the page. */
export function open(url) {
  if (document.getElementById("panes-chat").checked) showPane("both");
  visit(url, talk());
}

/** Ask the server for the app and the filters in a URL, beside a conversation. */
function visit(url, beside) {
  const name = decodeURIComponent(url.pathname.replace("/apps/", ""));
  ask(withTalk(ownAddress(url), beside), { do: "opened", app: name, query: ownQuery(url.search), talk: beside });
}

/** Show another conversation beside what is open, or a message in it. */
function choose(conversation, message) {
  const command = message ? { do: "reveal", table: "message", id: message } : { do: "choose", conversation };
  ask(withTalk(app().dataset.address, conversation), command);
}

/** Set the address to what the page shows now. */
export function refresh() {
  const address = shown();
  begun = false;
  if (wanted !== null && wanted !== address && !taken) return;
  const before = location.pathname + location.search;
  begun = wanted === null && withTalk(app().dataset.address, "new") === before;
  const replaces = isBack || begun;
  if (wanted === address) [wanted, isBack, taken] = [null, false, false];
  if (address === before) return;
  if (replaces) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

/** Return the WebSocket's address with what the page shows now. It may differ from what the page was loaded with. */
export function connection(url) {
  const address = new URL(url, location.href.replace(/^http/, "ws"));
  const list = document.querySelector("#app .rows");
  const parameters = {
    app: app().dataset.app,
    query: app().dataset.query,
    offset: list?.dataset.offset ?? 0,
    count: list?.children.length ?? 0,
    messages: document.querySelectorAll("#chat-log > article").length,
    talk: talk(),
    newest: lastMessage(),
    talks: document.getElementById("conversation-menu").open ? "open" : "",
    words: document.getElementById("talk-words").value,
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  for (const form of document.querySelectorAll("li[data-table] > form.edit:not([hidden])")) {
    address.searchParams.append("edited", form.parentElement.dataset.id);
  }
  return address.href;
}

/** Return the id of the last message in the page; 0 if the page goes to the end of the conversation. */
function lastMessage() {
  const last = document.querySelector("#chat-log > article:last-of-type");
  return document.getElementById("chat-newer").hidden || !last ? 0 : last.id.replace("message-", "");
}

function clicked(event) {
  const link = event.target.closest("a[data-open], a[data-talk]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  closeMenu(link);
  if (link.dataset.message) lookFor(document.getElementById("talk-words").value);
  if (link.dataset.talk) choose(link.dataset.talk, link.dataset.message);
  else open(new URL(link.href));
}

/** A link to an app that is opened in another tab takes the conversation along. */
function pressed(event) {
  const link = event.target.closest("a[data-open]");
  if (link) link.href = withTalk(ownAddress(new URL(link.href)), talk());
}

function wentBack() {
  const url = new URL(location.href);
  visit(url, url.searchParams.get("talk") ?? talk());
  isBack = true;
}

/** Run once at the start: the page's address may name no app and no conversation, or an app that was not open last. */
export function begin() {
  const { app: name, query, news } = app().dataset;
  history.replaceState(null, "", shown());
  if (news !== undefined) send({ do: "opened", app: name, query });
}

document.addEventListener("click", clicked);
document.addEventListener("pointerdown", pressed);
window.addEventListener("popstate", wentBack);
