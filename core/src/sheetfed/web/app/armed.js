/** A button that can be pressed only after a person could see it for a while. */

import { el } from "../client/elements/dom.js";

const SEEN = 1_000; // milliseconds: longer than from click to click of one who is led on
const LOOK = 100;
const SPOTS = /** @type {const} */ ([[.1, .2], [.9, .2], [.5, .5], [.1, .8], [.9, .8]]);

/**
 * Makes a button that is not enabled until it was in view, in one place, with nothing over it, in the
 * window that has the keyboard, for a whole second. Whenever one of these ends, the second starts anew.
 * @param {string} text
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function armed(text, act) {
  const button = el("button", { type: "button", class: "main armed", disabled: true, onclick: press }, text);
  const gone = new AbortController();
  /** @type {string | null} */
  let place = null;
  let since = 0;
  const watch = setInterval(() => (button.isConnected ? look() : end()), LOOK);
  for (const name of ["blur", "focus", "resize"]) window.addEventListener(name, anew, gone);
  document.addEventListener("visibilitychange", anew, gone);
  return button;

  /** @param {Event} event */
  function press(event) {
    look();
    if (!button.disabled && event.isTrusted) act();
  }

  function look() {
    const now = inView(button);
    if (now !== place) since = performance.now();
    place = now;
    button.disabled = place === null || performance.now() - since < SEEN;
    button.classList.toggle("arming", place !== null && button.disabled);
  }

  function anew() {
    place = null;
    look();
  }

  function end() {
    clearInterval(watch);
    gone.abort();
  }
}

/**
 * Where a person sees the button, as text; null where it is hidden, or covered even in part.
 * @param {HTMLElement} button
 */
function inView(button) {
  if (document.visibilityState !== "visible" || !document.hasFocus()) return null;
  const { left, top, width, height } = button.getBoundingClientRect();
  const clear = SPOTS.every(([x, y]) => button.contains(document.elementFromPoint(left + x * width, top + y * height)));
  return clear ? [left, top, screenX, screenY].join(" ") : null;
}
