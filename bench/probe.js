// Records when the text of the newest answer grows, when Enter was pressed, and how many bytes the WebSocket received.
window.probe = {
  grown: [], bytes: 0, pressed: 0, before: "",
  now: () => performance.timeOrigin + performance.now(),
  text: () => { const all = document.querySelectorAll("SELECTOR"); return all.length ? all[all.length - 1] : null; },
  reset() { this.grown = []; this.old = this.text(); },
};
addEventListener("keydown", event => { if (event.key === "Enter") probe.pressed = probe.now(); }, true);
new MutationObserver(() => {
  const element = probe.text();
  if (!element || element === probe.old) return;
  const length = element.textContent.length, last = probe.grown.at(-1);
  if (length && (!last || length > last[1])) probe.grown.push([probe.now(), length]);
}).observe(document, {childList: true, characterData: true, subtree: true});
const Original = WebSocket;
window.WebSocket = class extends Original {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({data}) => { probe.bytes += new TextEncoder().encode(data).length; });
  }
};
