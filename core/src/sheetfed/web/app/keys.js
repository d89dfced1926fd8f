/** The keyboard: which key does what, and the list of them. */

import { open } from "./dialogs.js";
import { el } from "../client/elements/dom.js";
import { SHORTCUTS, say } from "./words.js";

/**
 * What keys do; a deed says false where it had nothing to do.
 * @typedef {object} Deeds
 * @property {() => void} scan
 * @property {() => boolean} escape
 * @property {() => void} save
 * @property {(event: KeyboardEvent) => boolean} key   all that is for the pages
 * @property {() => boolean} busy   whether the viewer has a window of its own open
 */

/**
 * Listens to the keyboard.
 * @param {Deeds} deeds
 */
export function listen(deeds) {
  document.addEventListener("keydown", (event) => {
    const undoes = event.key === "z" && (event.ctrlKey || event.metaKey);
    if (event.defaultPrevented || ((document.querySelector("dialog[open]") || deeds.busy()) && !undoes)) return;
    if (ours(event, deeds) || deeds.key(event)) event.preventDefault();
  });
}

/** Shows what the keys do. */
export function showKeys() {
  const rows = SHORTCUTS.map(([keys, word]) => el("div", {},
    el("dt", {}, ...keys.map((key) => el("kbd", {}, key))), el("dd", {}, say(word))));
  open(say("keys"), "keys", el("dl", {}, ...rows));
}

/**
 * Does what is the page's own; false where a key is for something else.
 * @param {KeyboardEvent} event
 * @param {Deeds} deeds
 */
function ours(event, deeds) {
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (key === "escape") return deeds.escape();
  if (control && key === "enter") return deeds.scan(), true;
  if (control && key === "s") return deeds.save(), true;
  if (key === "?" && !isWriting(event)) return showKeys(), true;
  return false;
}

/** @param {KeyboardEvent} event */
function isWriting(event) {
  const element = /** @type {Element} */ (event.composedPath()[0]);
  return element.matches("input:not([type=checkbox]), select, textarea");
}
