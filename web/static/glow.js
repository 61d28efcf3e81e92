// The matrix theme: each new piece of an answer begins white-green and fades to green. It is shown by highlights of the
// browser, which change no element and no layout. Where the browser has none, the text is green at once.

const STEPS = ["fresh-1", "fresh-2", "fresh-3", "fresh-4"];
const STEP_MILLISECONDS = 140;

const still = matchMedia("(prefers-reduced-motion: reduce)");
const highlights = STEPS.map((name) => {
  if (!globalThis.CSS?.highlights) return null;
  const highlight = new Highlight();
  CSS.highlights.set(name, highlight);
  return highlight;
});

/** What is in each step: text nodes, and the first and last character of the piece in them. */
let pieces = STEPS.map(() => new Map());
let timer = 0;

function isWanted() {
  return highlights[0] && !still.matches && !document.hidden && document.documentElement.dataset.theme === "matrix";
}

/** Let what a text node has from a character on fade in. Call it in the same task that added the text. */
export function glow(node, from) {
  if (node.length === from || !isWanted()) return;
  const known = pieces[0].get(node);
  pieces[0].set(node, [known ? known[0] : from, node.length]);
  show(0);
  timer ||= setTimeout(fade, STEP_MILLISECONDS);
}

/** Move each piece on by a step. The timer ends with the last piece. */
function fade() {
  pieces = [new Map(), ...pieces.slice(0, -1)];
  STEPS.forEach((_, step) => show(step));
  timer = pieces.some((step) => step.size) ? setTimeout(fade, STEP_MILLISECONDS) : 0;
}

function show(step) {
  highlights[step].clear();
  for (const [node, [start, end]] of pieces[step]) {
    if (!node.isConnected || node.length < end) continue; // the answer has ended, or its text was replaced
    const piece = { startContainer: node, startOffset: start, endContainer: node, endOffset: end };
    highlights[step].add(new StaticRange(piece));
  }
}
