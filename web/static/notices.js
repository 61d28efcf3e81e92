// Short messages for the user: shown for some seconds, and read by screen readers.

const SECONDS = 12;

/** Show a sentence. It disappears after some seconds, or at a click. `address`: where that click leads, if anywhere. */
export function notice(sentence, address = "") {
  const shown = address ? linked(address) : document.createElement("button");
  if (!address) shown.type = "button";
  for (const same of document.querySelectorAll(".notice")) if (same.textContent === sentence) same.remove();
  shown.className = "notice";
  shown.textContent = sentence;
  shown.title = address ? "Show it" : "Dismiss";
  const placed = place(shown);
  const remove = () => {
    placed.remove();
    makeRoom();
  };
  shown.addEventListener("click", remove);
  setTimeout(remove, SECONDS * 1000);
  makeRoom();
}

/** While there are notices, what lies under them can be scrolled out: see rows.css. */
function makeRoom() {
  const notices = document.getElementById("notices");
  document.body.classList.toggle("noticed", notices.childElementCount > 0);
  document.body.style.setProperty("--noticed", `${notices.offsetHeight}px`);
}

function linked(address) {
  const link = document.createElement("a");
  link.href = address;
  link.dataset.open = "";
  return link;
}

/** Put a notice into the page, or into the open dialog: what is behind a dialog is neither read nor clicked. */
function place(shown) {
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
  if (!dialog) {
    document.getElementById("notices").append(shown);
    return shown;
  }
  const alert = document.createElement("div");
  alert.role = "alert";
  alert.className = "in-dialog";
  dialog.append(alert);
  alert.append(shown);
  return alert;
}

/** Have screen readers say a sentence. */
export function announce(sentence) {
  document.getElementById("announcements").textContent = sentence;
}
