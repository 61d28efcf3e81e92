// The connection to the server: commands go out, each kept until it is acknowledged; frames come in.
//
// Frames, by their first character: `<` HTML, left to htmx; `+ID\nTEXT` `=ID\nTEXT` `~ID\nTEXT` the text of an answer
// as it grows; `!NONCE` a command was carried out; `?NONCE\nSENTENCE` it was refused.

const RECONNECT_MILLISECONDS = [50, 100, 200, 400, 800];
const PATIENCE_MILLISECONDS = 2000;
const STORAGE = "pianola-outbox";

/** What the rest of the page does when something comes in. */
export const on = {
  text: (_kind, _message, _text) => {},
  refused: (_sentence) => {},
  beforeHtml: () => {},
  afterHtml: () => {},
  /** Returns the address of the connection with what the page shows now. */
  address: (url) => url,
  /** True while nothing may be swapped, for example during a drag. */
  holding: () => false,
};

/** Nonce to the JSON of each command that nobody has acknowledged yet; survives a reload of the page. */
const outbox = new Map(JSON.parse(sessionStorage.getItem(STORAGE) ?? "[]"));
/** Nonce to what is to be done at the end of a command of this page: `done(refused)`. */
const endings = new Map();
const held = [];
let socket = null;
let lost = false;

// --- out ---

/** Send a command now, or as soon as there is a connection. `ending(refused)` is called once, with the outcome. */
export function send(command, ending = () => {}) {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const body = JSON.stringify({ ...command, nonce });
  outbox.set(nonce, body);
  endings.set(nonce, ending);
  store();
  transmit(body);
  setTimeout(() => outbox.has(nonce) && showLink(), PATIENCE_MILLISECONDS);
}

function transmit(body) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(body);
}

function store() {
  try {
    sessionStorage.setItem(STORAGE, JSON.stringify([...outbox]));
  } catch {
    // Too large to be kept across a reload; it is still sent.
  }
}

function ended(nonce, refused) {
  if (!outbox.delete(nonce)) return;
  store();
  endings.get(nonce)?.(refused);
  endings.delete(nonce);
  if (outbox.size === 0) showLink();
}

// --- in ---

function receive(event) {
  if (on.holding()) {
    held.push(event.data);
  } else if (event.data[0] === "<") {
    on.beforeHtml();
    return; // htmx listens as well, and swaps
  } else {
    obey(event.data);
  }
  event.stopImmediatePropagation();
}

function obey(frame) {
  const newline = frame.indexOf("\n");
  const head = newline < 0 ? frame.slice(1) : frame.slice(1, newline);
  const rest = newline < 0 ? "" : frame.slice(newline + 1);
  switch (frame[0]) {
    case "+":
    case "=":
    case "~":
    case ":":
      on.text(frame[0], head, rest);
      break;
    case "!":
      ended(head, false);
      break;
    case "?":
      on.refused(rest);
      ended(head, true);
      break;
  }
}

/** Let in what came while `on.holding`. */
export function release() {
  for (const data of held.splice(0)) socket.dispatchEvent(new MessageEvent("message", { data }));
}

// --- up and down ---

function connect(url) {
  socket = new WebSocket(on.address(url));
  socket.addEventListener("open", opened);
  socket.addEventListener("close", closed);
  socket.addEventListener("message", receive);
  // htmx would write the bare event to the console as an error; the browser has already said what was wrong.
  Object.defineProperty(socket, "onerror", { value: null, writable: true });
  return socket;
}

function opened() {
  lost = false;
  for (const body of outbox.values()) transmit(body);
  showLink();
}

function closed(event) {
  // A drag or an open composition ends with the connection: after a reconnect everything is sent anew.
  held.length = 0;
  lost = true;
  const forGood = [1000, 1008].includes(event.code);
  showLink(forGood ? "Disconnected. Reload the page." : "Reconnecting …");
}

function showLink(sentence = "") {
  const waiting = !lost && outbox.size > 0 ? "Waiting for an answer …" : "";
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
