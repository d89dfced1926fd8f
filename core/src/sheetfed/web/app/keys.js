/** The keyboard: which key does what, and the list of them. */

import { open } from "./dialogs.js";
import { el } from "./dom.js";
import { SHORTCUTS, say } from "./words.js";

/**
 * What keys do; a deed says false where it had nothing to do.
 * @typedef {object} Deeds
 * @property {() => void} scan
 * @property {() => boolean} escape
 * @property {() => void} save
 * @property {() => void} undo
 * @property {() => void} selectAll
 * @property {(key: any) => boolean} go
 * @property {() => boolean} select
 * @property {() => boolean} remove
 * @property {(by: -1 | 1) => boolean} shift
 */

/**
 * Listens to the keyboard.
 * @param {Deeds} deeds
 */
export function listen(deeds) {
  document.addEventListener("keydown", (event) => {
    const undoes = event.key === "z" && (event.ctrlKey || event.metaKey);
    if (event.defaultPrevented || (document.querySelector("dialog[open]") && !undoes)) return;
    const done = event.ctrlKey || event.metaKey ? withControl(event, deeds) : alone(event, deeds);
    if (done) event.preventDefault();
  });
}

/** Shows what the keys do. */
export function showKeys() {
  const rows = SHORTCUTS.map(([keys, what]) => el("div", {},
    el("dt", {}, .../** @type {string[]} */ (keys).map((key) => el("kbd", {}, key))), el("dd", {}, String(what))));
  open(say("keys"), "keys", el("dl", {}, ...rows));
}

/**
 * @param {KeyboardEvent} event
 * @param {Deeds} deeds
 */
function withControl(event, deeds) {
  const key = event.key.toLowerCase();
  if (key === "enter") deeds.scan();
  else if (key === "s") deeds.save();
  else if (key === "z" && !isWriting(event)) deeds.undo();
  else if (key === "a" && !isWriting(event)) deeds.selectAll();
  else return false;
  return true;
}

/**
 * @param {KeyboardEvent} event
 * @param {Deeds} deeds
 */
function alone(event, deeds) {
  const { key } = event;
  if (key === "Escape") return deeds.escape();
  if (isWriting(event)) return false;
  if (key === "?") return showKeys(), true;
  if (key === "Delete") return deeds.remove();
  if (key === "<" || (event.altKey && key === "ArrowLeft")) return deeds.shift(-1);
  if (key === ">" || (event.altKey && key === "ArrowRight")) return deeds.shift(1);
  if (key === " " && isSheet(event)) return deeds.select();
  if (/^(Arrow|Home$|End$)/.test(key)) return deeds.go(key);
  return false;
}

/** @param {KeyboardEvent} event */
function isWriting(event) {
  const element = /** @type {Element} */ (event.target);
  return element.matches("input:not([type=checkbox]), select, textarea");
}

/** @param {KeyboardEvent} event */
function isSheet(event) {
  return /** @type {Element} */ (event.target).matches(".page .sheet");
}
