// Every key of the page, in one table: which keys, and what they do in words. The help lists them from here.
//
// All listeners of keys are made by `onKeys`, which leaves out what belongs to an input method: while a word is being
// composed, for example in Japanese, Enter and Escape choose and cancel its proposals, and nothing else.

/** By name: the keys (any of them), and the words for the help. */
const KEYS = {
  write: [["/"], "write to the assistant"],
  search: [["Control+k"], "search messages, all apps, and what can be done: choose with the arrows, open with Enter, close with Escape"],
  send: [["Enter", "Control+Enter"], "send a message (with Shift: a new line), or save what you edit"],
  again: [["ArrowUp"], "in an empty message field: edit your last message, and send it again"],
  escape: [["Escape"], "stop an answer, cancel an edit, close a menu or a dialog, end a selection of rows"],
  undo: [["Control+z"], "outside of text fields: undo what you did last in this tab"],
  redo: [["Control+Shift+z"], "take that undo back"],
  next: [["j", "ArrowDown"], "go to the next row"],
  previous: [["k", "ArrowUp"], "go to the row before"],
  tick: [["Space"], "tick the row"],
  edit: [["Enter"], "edit the row"],
  remove: [["Delete"], "delete the row"],
  up: [["Alt+ArrowUp"], "move the row up. You can also drag it by its handle"],
  down: [["Alt+ArrowDown"], "move the row down"],
  select: [["x"], "select the row, or not. Then tick, move and delete are for all rows that are selected"],
  more: [["Shift+ArrowDown", "Shift+j"], "select the next row too"],
  less: [["Shift+ArrowUp", "Shift+k"], "select the row before too"],
  narrower: [["ArrowLeft"], "on the divider between app and chat: less room for the app"],
  wider: [["ArrowRight"], "there: more room for the app"],
  chat: [["Home"], "there: the whole page for the chat"],
  app: [["End"], "there: the whole page for the app"],
  both: [["Enter"], "there: the page for both"],
  print: [["Control+p"], "print the whole list if the focus is in it, else the whole conversation"],
  help: [["?"], "this help"],
};

const SIGNS = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→" };
/** Fields in which keys write, or choose. */
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** The type of the events that `onKeys` listens to. */
export const KEY = "keydown";

/** Call `handler` for each key that is pressed in an element, unless it belongs to an input method. */
export function onKeys(element, handler, options = {}) {
  // Safari ends a composition before the Enter that ended it: only the old keyCode tells.
  const guarded = (event) => event.isComposing || event.keyCode === 229 || handler(event);
  element.addEventListener(KEY, guarded, options);
}

/** Whether an event is a key of the table. */
export const is = (event, name) => KEYS[name][0].includes(combination(event));

/** Whether keys write text where an event happened. */
export const typing = (event) => event.target.closest?.(TYPED) !== null;

function combination(event) {
  const letter = /^\p{L}$/u.test(event.key);
  const key = letter ? event.key.toLowerCase() : event.key === " " ? "Space" : event.key;
  const shift = event.shiftKey && (letter || key.length > 1);
  const held = [(event.ctrlKey || event.metaKey) && "Control", event.altKey && "Alt", shift && "Shift"];
  return [...held.filter(Boolean), key].join("+");
}

/** Put the table into the help. */
function list() {
  const keys = document.getElementById("keys-list");
  for (const [combinations, words] of Object.values(KEYS)) {
    const term = document.createElement("dt");
    combinations.forEach((one, place) => term.append(...(place ? [" or "] : []), ...signs(one)));
    const manual = document.createElement("dd");
    manual.textContent = words;
    keys.append(term, manual);
  }
}

const signs = (combination) => combination.split("+").flatMap((key, place) => [place ? " + " : "", sign(key)]);

function sign(key) {
  const shown = document.createElement("kbd");
  shown.textContent = SIGNS[key] ?? key;
  return shown;
}

function pressed(event) {
  if (is(event, "help") && !typing(event) && !event.target.closest("dialog")) document.getElementById("help").showModal();
  if (is(event, "print")) print(event);
}

/** Open the page for paper; the open page itself has only a part of a long list or conversation. */
function print(event) {
  const { conversation } = document.getElementById("chat-log").dataset;
  const inList = event.target.closest("#app") || !document.querySelector("#chat-log > article");
  const address = inList ? document.getElementById("print-app")?.href : `/print/talk/${conversation}`;
  if (!address) return; // an app that draws itself is printed as it is
  event.preventDefault();
  open(address, "_blank");
}

list();
onKeys(document, pressed);
