// Keeps the address and the title in step with the open app and its filters, so that Back and Forward work.
//
// A link to an app does not load a new page: the app's pane comes over the WebSocket, and the chat stays as it is.

import { send } from "./link.js";

/** The address that was asked for, until its pane has arrived; else null. */
let wanted = null;

/** Ask the server for the app and the filters in a URL. */
export function open(url) {
  wanted = url.pathname + url.search;
  const app = decodeURIComponent(url.pathname.replace("/apps/", ""));
  send({ do: "opened", app, query: url.search.slice(1) }, (refused) => {
    if (refused) wanted = null;
  });
}

/** Set the address and the title to what the page shows now. */
export function refresh() {
  const { address, title } = document.getElementById("app").dataset;
  if (wanted !== null && wanted !== address) return;
  wanted = null;
  document.title = title;
  if (address !== location.pathname + location.search) history.pushState(null, "", address);
}

/** Return the WebSocket's address with what the page shows now. It may differ from what the page was loaded with. */
export function connection(url) {
  const shown = new URL(url, location.href.replace(/^http/, "ws"));
  const { app, query } = document.getElementById("app").dataset;
  const list = document.querySelector("#app .rows");
  const parameters = {
    app,
    query,
    offset: list?.dataset.offset ?? 0,
    count: list?.children.length ?? 0,
    messages: document.querySelectorAll("#chat-log > article").length,
    newest: lastMessage(),
  };
  for (const [name, value] of Object.entries(parameters)) shown.searchParams.set(name, value);
  for (const form of document.querySelectorAll("li[data-table] > form.edit:not([hidden])")) {
    shown.searchParams.append("edited", form.parentElement.dataset.id);
  }
  return shown.href;
}

/** Return the id of the last message in the page; 0 if the page goes to the end of the conversation. */
function lastMessage() {
  const last = document.querySelector("#chat-log > article:last-of-type");
  return document.getElementById("chat-newer").hidden || !last ? 0 : last.id.replace("message-", "");
}

function clicked(event) {
  const link = event.target.closest("a[data-open]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  link.closest("details.menu")?.removeAttribute("open");
  open(new URL(link.href));
}

/** Run once at the start: the page's address may name no app, or another app than the one that was open last. */
export function begin() {
  const { address, app, query, news } = document.getElementById("app").dataset;
  if (location.pathname === "/") history.replaceState(null, "", address);
  if (news !== undefined) send({ do: "opened", app, query });
}

document.addEventListener("click", clicked);
window.addEventListener("popstate", () => open(new URL(location.href)));
