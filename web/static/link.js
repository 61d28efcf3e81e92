// The WebSocket to the server. Commands go out, and each is kept until the server acknowledges it. Frames come in.
//
// The first character of a frame is its kind: `<` HTML, for htmx; `+ID\nTEXT`, `=ID\nTEXT`, `~ID\nTEXT`, `:ID\nTEXT`
// or `;ID\nTEXT` streamed text, see chat.js; `!NONCE` a command was carried out; `?NONCE\nSENTENCE` it was refused.

const RECONNECT_MILLISECONDS = [50, 100, 200, 400, 800];
/** After this time without an answer to a command, the bar says that the page is waiting. */
const SLOW_MILLISECONDS = 2000;
const STORAGE = "pianola-outbox";
/** Codes that close the WebSocket for good, and what the page says then. */
const ENDINGS = {
  1000: "Disconnected. Reload the page.",
  1008: "Disconnected. Reload the page.",
  4001: "Signed out. Reload the page.",
};

/** Callbacks, set by pianola.js. */
export const on = {
  text: (_kind, _message, _text) => {},
  refused: (_sentence) => {},
  beforeHtml: () => {},
  afterHtml: () => {},
  /** Returns the WebSocket's address with what the page shows now. */
  address: (url) => url,
  /** Returns true while elements must not be replaced, for example during a drag. Frames are kept until `release`. */
  holding: () => false,
};

/** The commands without an answer yet: nonce to JSON. Survives a reload of the page. */
const outbox = new Map(JSON.parse(sessionStorage.getItem(STORAGE) ?? "[]"));
/** The nonces of those that carry a key: the browser must not keep them. */
const secret = new Set();
/** Nonce to the callback of a command, `done(refused)`. Lost at a reload. */
const callbacks = new Map();
/** Frames that arrived while `on.holding()` was true. */
const held = [];
let socket = null;
let lost = false;

// --- out ---

/** Send a command now, or as soon as there is a connection. `done(refused)` is called once, with the result. */
export function send(command, done = () => {}) {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const body = JSON.stringify({ ...command, nonce });
  outbox.set(nonce, body);
  if ("secret" in command) secret.add(nonce);
  callbacks.set(nonce, done);
  store();
  transmit(body);
  setTimeout(() => outbox.has(nonce) && showLink(), SLOW_MILLISECONDS);
}

function transmit(body) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(body);
}

function store() {
  try {
    sessionStorage.setItem(STORAGE, JSON.stringify([...outbox].filter(([nonce]) => !secret.has(nonce))));
  } catch {
    // Too large to survive a reload. It is still sent.
  }
}

function answered(nonce, refused) {
  if (!outbox.delete(nonce)) return;
  secret.delete(nonce);
  store();
  callbacks.get(nonce)?.(refused);
  callbacks.delete(nonce);
  if (outbox.size === 0) showLink();
}

// --- in ---

function receive(event) {
  if (on.holding()) {
    held.push(event.data);
  } else if (event.data[0] === "<") {
    on.beforeHtml();
    return; // htmx listens as well, and puts the HTML into the page
  } else {
    handle(event.data);
  }
  event.stopImmediatePropagation();
}

function handle(frame) {
  const newline = frame.indexOf("\n");
  const head = newline < 0 ? frame.slice(1) : frame.slice(1, newline);
  const rest = newline < 0 ? "" : frame.slice(newline + 1);
  switch (frame[0]) {
    case "+":
    case "=":
    case "~":
    case ":":
    case ";":
      on.text(frame[0], head, rest);
      break;
    case "!":
      answered(head, false);
      break;
    case "?":
      on.refused(rest);
      answered(head, true);
      break;
  }
}

/** Handle the frames that were kept while `on.holding()` was true. */
export function release() {
  for (const data of held.splice(0)) socket.dispatchEvent(new MessageEvent("message", { data }));
}

// --- connecting and reconnecting ---

function connect(url) {
  socket = new WebSocket(on.address(url));
  socket.addEventListener("open", opened);
  socket.addEventListener("close", closed);
  socket.addEventListener("message", receive);
  // htmx would log the bare event as an error. The browser has already logged what was wrong.
  Object.defineProperty(socket, "onerror", { value: null, writable: true });
  return socket;
}

function opened() {
  lost = false;
  for (const body of outbox.values()) transmit(body);
  showLink();
}

function closed(event) {
  // The kept frames are not needed: after a reconnect the server sends everything again.
  held.length = 0;
  lost = true;
  showLink(ENDINGS[event.code]);
}

function showLink(sentence = "") {
  const waiting = !lost && outbox.size > 0 ? "Waiting for the server …" : "";
  const shown = lost ? sentence || "Reconnecting …" : waiting;
  document.body.dataset.connected = lost ? "no" : "yes";
  document.body.classList.toggle("waits", waiting !== "");
  const light = document.getElementById("link");
  if (light.textContent !== shown) light.textContent = shown;
}

htmx.createWebSocket = connect;
htmx.config.wsReconnectDelay = (tries) =>
  RECONNECT_MILLISECONDS[Math.min(tries, RECONNECT_MILLISECONDS.length - 1)] * (0.8 + Math.random() * 0.4);
document.addEventListener("htmx:wsAfterMessage", () => on.afterHtml());
