// Leaves out the instructions in an answer while it streams, because a card will show each of them.
//
// This is a guess that holds only while the text streams. The finished answer comes from the server, which parses it.

/** The start of an instruction, with its fence if it has one. */
const BEGINS = /(?:```[\w-]{0,20}\s{0,9})?\[?\s{0,9}\{\s{0,9}["'“]?operation/;
/** An end of the text that may become such a start with the next token. */
const MAY_BEGIN = /(?:\x60{1,3}|```[\w-]{0,20}\s{0,9})?(?:\[\s{0,9})?(?:\{\s{0,9}["'“]?o?p?e?r?a?t?i?o?)?$/;
/** Characters. An instruction that is longer and has no end is shown, and so is everything after it. */
const LONGEST = 20000;

/** The filter for the text of one message. `add` takes new text, and returns what to show. */
export class Folding {
  /** Text that is not shown yet. */
  #held = "";
  /** The character that was shown last. */
  #last = "";
  /** Whether `#held` starts with an instruction. */
  #inside = false;
  /** Whether the next text follows an instruction that had space before it: then space after it is left out. */
  #behind = false;
  /** Whether an instruction was too long: from then on everything is shown. */
  #givenUp = false;

  add(text) {
    if (this.#givenUp) return text;
    this.#held += text;
    let shown = "";
    let before;
    do {
      before = this.#held.length;
      if (!this.#inside) shown += this.#enter();
      if (this.#inside) this.#leave();
    } while (this.#held.length !== before);
    this.#givenUp = this.#inside && this.#held.length > LONGEST;
    return this.#givenUp ? shown + this.#held : shown;
  }

  /** Return the text before an instruction, except an end that may become one. Space around it stays on one side. */
  #enter() {
    if (this.#behind) this.#held = this.#held.trimStart();
    if (this.#held) this.#behind = false;
    const begin = this.#held.search(BEGINS);
    this.#inside = begin >= 0;
    const shown = this.#held.slice(0, this.#inside ? begin : this.#held.search(MAY_BEGIN));
    this.#held = this.#held.slice(shown.length);
    this.#last = shown.at(-1) ?? this.#last;
    return shown;
  }

  /** Drop an instruction with its fence, if it is complete. */
  #leave() {
    const end = this.#held.startsWith("```") ? endOfFence(this.#held) : endOfBraces(this.#held);
    if (end > 0) {
      this.#held = this.#held.slice(end);
      this.#inside = false;
      this.#behind = this.#last.trim() === "";
    }
  }
}

/** Return the place after the closing fence; 0 if there is none. */
function endOfFence(text) {
  const close = text.indexOf("```", 3);
  return close < 0 ? 0 : close + 3;
}

/** Return the place after the closing brace; 0 if there is none. */
function endOfBraces(text) {
  let depth = 0;
  let quoted = false;
  for (let place = 0; place < text.length; place++) {
    const letter = text[place];
    if (letter === "\\") place++;
    else if (letter === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (letter === "{" || letter === "[") depth++;
    else if ((letter === "}" || letter === "]") && --depth === 0) return place + 1;
  }
  return 0;
}
