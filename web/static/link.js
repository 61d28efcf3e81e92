// The WebSocket to the server. Commands go out, and each is kept until the server acknowledges it. Frames come in.
//
// The first character of a frame is its kind: `<` HTML, for htmx; `+ID\nTEXT`, `=ID\nTEXT`, `|ID PLACE KIND\nHTML`,
// `~ID SECONDS\nTEXT`, `:ID\nTEXT` or `;ID\nTEXT` streamed text, see writing.js; `#ID\nDONE TOTAL\nWORDS` how far a job
// is, and further ones; `@ADDRESS\nSENTENCE` a job has ended; `^WAY ORDERS\nWORDS` what a command changed, see undo.js;
// `!NONCE` it was carried out; `?NONCE FIELD\nSENTENCE` it was refused, because of a value in this field, if one is
// named; `%` commands come faster than the server takes them.
//
// Each command ends in one of three ways, and the page shows which: it was carried out; it was refused for good, with a
// sentence; or it was not reached yet: the light says so, and it is sent again after a reconnect. One that the
// connection itself refuses is found and leaves the outbox, so it blocks nothing that stands behind it.

const RECONNECT_MILLISECONDS = [50, 100, 200, 400, 800];
/** After this time without an answer to a command, the bar says that the page is waiting. */
const SLOW_MILLISECONDS = 2000;
const STORAGE = "pianola-outbox";
/** Longest command, as in server.py. The server closes the connection when a longer one comes. */
export const LARGEST_BYTES = 3 * 1024 * 1024;
/** Commands that wait for an answer at the same time. The others wait in the page. */
const MOST_AT_ONCE = 100;
/** Most characters of a refused text that are shown. */
const MOST_SHOWN = 2000;
/** After so many losses in a row the commands are sent one by one, and the first one waits while the others go on. */
const MOST_LOSSES = 3;
/** How long it waits: at first, twice as long after each further loss, and at most. */
const DOUBT_MILLISECONDS = [1000, 60_000];
/** Codes by which the server closes a connection because of what came over it. */
const REFUSING = [1002, 1003, 1007, 1009, 1010];
const SIGNED_OUT = "Signed out. Reload the page.";
/** Codes that close the WebSocket for good, and what the page says then. */
const ENDINGS = {
  1000: "Disconnected. Reload the page.",
  1008: "Disconnected. Reload the page.",
  4001: SIGNED_OUT,
};

/** Callbacks, set by pianola.js. */
export const on = {
  text: (_kind, _message, _text) => {},
  progress: (_text) => {},
  ended: (_address, _sentence) => {},
  changed: (_orders, _words) => {},
  answered: (_nonce, _refused) => {},
  refused: (_sentence) => {},
  beforeHtml: () => {},
  afterHtml: () => {},
  /** Returns the WebSocket's address with what the page shows now. */
  address: (url) => url,
  /** Returns true while elements must not be replaced, for example during a drag. Frames are kept until `release`. */
  holding: () => false,
};

/** The commands without an answer yet: nonce to JSON. Survives a reload of the page. */
const outbox = new Map(stored());
/** The nonces of those that were sent over the present connection. */
const sent = new Set();
/** The connection was refused because of a command: they are sent one by one, until all have an answer. */
let oneByOne = false;
/** Connections in a row that were lost while commands waited, without an answer to any. */
let losses = 0;
/** Commands after which the connection was lost again and again: nonce to how long, and until when, it waits. */
const doubtful = new Map();
/** The server said that commands come faster than it takes them. */
let tooFast = false;
/** The nonces of those that must not survive a reload: they carry a key, or are about the page as it is now. */
const fleeting = new Set();
/** Nonce to the callback of a command, see `send`. Lost at a reload. */
const callbacks = new Map();
/** Who waits for the answers to which commands: see `settled`. */
const settling = new Set();
/** Frames that arrived while `on.holding()` was true. */
const held = [];
let socket = null;
/** What htmx keeps around the socket; it can connect again. */
let wrapper = null;
let lost = false;
/** The server does not know this browser (any more). */
let signedOut = false;

// --- out ---

/**
 * Send a command now, or as soon as there is a connection; return its nonce.
 * `done(refusal)`: called once, at its end; `refusal`: null, or the `sentence` and the `field` it is about, "" for none.
 * It returns true if it shows the sentence itself.
 */
export function send(command, done = () => {}) {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const body = JSON.stringify({ ...command, nonce });
  callbacks.set(nonce, done);
  outbox.set(nonce, body);
  if (new TextEncoder().encode(body).length > LARGEST_BYTES) {
    refuse(nonce, tooLong(body));
    return nonce;
  }
  if ("secret" in command || ["trim", "understand"].includes(command.do)) fleeting.add(nonce);
  store();
  transmit();
  setTimeout(() => outbox.has(nonce) && showLink(), SLOW_MILLISECONDS);
  return nonce;
}

/** Whether a command has no answer yet; also after a reload. */
export const waits = (nonce) => outbox.has(nonce);

/** Return the commands of one name that have no answer yet; also after a reload. */
export const unanswered = (name) => [...outbox.values()].map((body) => JSON.parse(body)).filter((one) => one.do === name);

/** Resolve when the commands that wait for an answer now have one. */
export function settled() {
  const nonces = new Set(outbox.keys());
  return nonces.size ? new Promise((done) => settling.add({ nonces, done })) : Promise.resolve();
}

const tooLong = (body) =>
  `This text is too long: ${megabytes(new TextEncoder().encode(body).length)} MB. At most ${megabytes(LARGEST_BYTES)} MB ` +
  "can be sent at once. Nothing was changed. Shorten it, or send it in parts.";
const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);

/** Send the commands that may be sent now, the oldest first. */
function transmit() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const most = oneByOne ? 1 : MOST_AT_ONCE;
  for (const [nonce, body] of outbox) {
    if (sent.size >= most) return;
    if (sent.has(nonce) || doubtful.get(nonce)?.until > Date.now()) continue;
    sent.add(nonce);
    socket.send(body);
  }
}

/** Return the commands that the page had before it was reloaded. */
function stored() {
  try {
    const found = JSON.parse(sessionStorage.getItem(STORAGE) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.[0] === "string" && typeof one[1] === "string") : [];
  } catch {
    return []; // the browser stores nothing here, or it is broken
  }
}

function store() {
  try {
    sessionStorage.setItem(STORAGE, JSON.stringify([...outbox].filter(([nonce]) => !fleeting.has(nonce))));
  } catch {
    // Too large to survive a reload, or nothing is stored here. It is still sent.
  }
}

/** A command has its answer: it leaves the outbox. */
function answered(nonce, refusal = null) {
  if (!outbox.delete(nonce)) return false;
  fleeting.delete(nonce);
  sent.delete(nonce);
  doubtful.delete(nonce);
  losses = 0;
  store();
  const shown = callbacks.get(nonce)?.(refusal) === true;
  callbacks.delete(nonce);
  on.answered(nonce, refusal !== null);
  for (const one of settling) {
    one.nonces.delete(nonce);
    if (one.nonces.size > 0) continue;
    settling.delete(one);
    one.done();
  }
  if (outbox.size === 0) {
    oneByOne = tooFast = false;
    showLink();
  }
  transmit();
  return shown;
}

/** A command was refused for good. One from before a reload has no field any more that could hold its text. */
function refuse(nonce, sentence, field = "") {
  const text = callbacks.has(nonce) ? "" : longest(outbox.get(nonce));
  if (!answered(nonce, { sentence, field })) on.refused(text ? `${sentence} Your text: ${text}` : sentence);
}

/** Return the longest text that the user wrote in a command. */
function longest(body) {
  try {
    const { do: _do, nonce: _nonce, HEADERS: _headers, ...fields } = JSON.parse(body);
    const texts = Object.values(fields).filter((value) => typeof value === "string");
    return texts.reduce((one, other) => (other.length > one.length ? other : one), "").slice(0, MOST_SHOWN);
  } catch {
    return "";
  }
}

// --- in ---

function receive(event) {
  if (on.holding()) {
    held.push(event.data);
  } else if (event.data[0] === "<") {
    on.beforeHtml();
    // htmx listens as well, and puts the HTML into the page.
    return;
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
    case "|":
    case "~":
    case ":":
    case ";":
      on.text(frame[0], head, rest);
      break;
    case "#":
      on.progress(frame.slice(1));
      break;
    case "@":
      on.ended(head, rest);
      break;
    case "^":
      on.changed(head, rest);
      break;
    case "!":
      answered(head);
      break;
    case "?":
      refuse(head.split(" ")[0], rest, head.split(" ")[1]);
      break;
    case "%":
      tooFast = true;
      showLink();
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
  lost = signedOut = false;
  transmit();
  showLink();
}

function closed(event) {
  // The kept frames are not needed: after a reconnect the server sends everything again.
  held.length = 0;
  if (lost) checkSession();
  lost = true;
  if (REFUSING.includes(event.code)) blame(event.code);
  else if (sent.size > 0) doubt();
  sent.clear();
  showLink(ENDINGS[event.code]);
}

/** After a connection that could not be opened: ask whether the browser is signed in; only then are there details. */
async function checkSession() {
  try {
    signedOut = !("processes" in (await (await fetch("/healthz")).json()));
    showLink();
  } catch {
    // The server is away.
  }
}

/** The server closed the connection because of a command. With more than one under way, find out which: one by one. */
function blame(code) {
  if (sent.size === 1) {
    const [nonce] = sent;
    refuse(nonce, `The server refused this, and closed the connection (${code}). Nothing was changed.`);
  } else {
    oneByOne = true;
  }
  reconnect();
}

/** The connection was lost while commands waited. Should one of them be the reason, it must not keep up the others. */
function doubt() {
  losses += 1;
  const [nonce] = sent;
  const known = doubtful.get(nonce);
  if (losses < MOST_LOSSES && !known) return;
  oneByOne = true;
  const [first, most] = DOUBT_MILLISECONDS;
  const wait = Math.min(known ? known.wait * 2 : first, most);
  doubtful.set(nonce, { wait, until: Date.now() + wait });
  setTimeout(transmit, wait + 1);
}

/** Connect again, also after a code for which htmx would not. */
function reconnect() {
  const delay = htmx.config.wsReconnectDelay(0);
  setTimeout(() => wrapper?.reconnect(), delay);
}

function showLink(sentence = "") {
  const many = `Too much at once: ${outbox.size} changes wait …`;
  const waiting = lost || outbox.size === 0 ? "" : tooFast ? many : "Waiting for the server …";
  const ending = signedOut ? SIGNED_OUT : sentence;
  const shown = lost ? ending || "Reconnecting …" : waiting;
  document.body.dataset.connected = lost ? "no" : "yes";
  document.body.classList.toggle("waits", waiting !== "");
  const light = document.getElementById("link");
  if (light.textContent !== shown) light.textContent = shown;
}

htmx.createWebSocket = connect;
document.addEventListener("htmx:wsOpen", (event) => (wrapper = event.detail.socketWrapper));
htmx.config.wsReconnectDelay = (tries) =>
  RECONNECT_MILLISECONDS[Math.min(tries, RECONNECT_MILLISECONDS.length - 1)] * (0.8 + Math.random() * 0.4);
document.addEventListener("htmx:wsAfterMessage", () => on.afterHtml());
