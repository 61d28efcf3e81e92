// Which app is open, and how its rows are filtered: in the address and the title, with the browser's way back.
//
// Links to apps do not load a page: the app comes over the connection, beside a chat that goes on undisturbed.

import { send } from "./link.js";

/** The address that was asked for, until its pane has come. */
let wanted = null;

export function open(url) {
  wanted = url.pathname + url.search;
  const app = decodeURIComponent(url.pathname.replace("/apps/", ""));
  send({ do: "opened", app, query: url.search.slice(1) }, (refused) => {
    if (refused) wanted = null;
  });
}

/** Have the address and the title say what the page shows now. */
export function refresh() {
  const { address, title } = document.getElementById("app").dataset;
  if (wanted !== null && wanted !== address) return;
  wanted = null;
  document.title = title;
  if (address !== location.pathname + location.search) history.pushState(null, "", address);
}

/** Return the address of the connection with what the page shows now, which is not what it began with. */
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
  };
  for (const [name, value] of Object.entries(parameters)) shown.searchParams.set(name, value);
  return shown.href;
}

function clicked(event) {
  const link = event.target.closest("a[data-open]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  link.closest("details.menu")?.removeAttribute("open");
  open(new URL(link.href));
}

/** Begin: the page may have come from an address that names no app, or another app than was open last. */
export function begin() {
  const { address, app, query, news } = document.getElementById("app").dataset;
  if (location.pathname === "/") history.replaceState(null, "", address);
  if (news !== undefined) send({ do: "opened", app, query });
}

document.addEventListener("click", clicked);
window.addEventListener("popstate", () => open(new URL(location.href)));
