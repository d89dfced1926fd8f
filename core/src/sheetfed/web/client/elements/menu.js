/** A small menu under a button. */

import { el, icon } from "./dom.js";

/**
 * Makes a menu; it closes when something is chosen, on Escape, and on a click elsewhere.
 * @param {string} title
 * @param {[string, () => void][]} entries
 * @param {string} [drawing]
 * @returns {HTMLDetailsElement}
 */
export function menu(title, entries, drawing = "down") {
  const summary = el("summary", { "aria-label": title, title }, icon(drawing));
  const list = el("div", { class: "menu" }, ...entries.map(([text, act]) =>
    el("button", { type: "button", onclick: () => { shut(); act(); } }, text)));
  const details = el("details", { class: "menu-button" }, summary, list);
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && details.open) {
      event.stopPropagation();
      shut();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  details.addEventListener("toggle", () => {
    if (details.open) document.addEventListener("pointerdown", elsewhere);
    else document.removeEventListener("pointerdown", elsewhere);
  });

  /** @param {Event} event */
  function elsewhere(event) {
    if (!details.isConnected || !event.composedPath().includes(details)) details.open = false;
  }

  function shut() {
    details.open = false;
    summary.focus();
  }
  /** @param {number} by */
  function step(by) {
    details.open = true;
    const buttons = [...list.querySelectorAll("button")].filter((each) => !each.hidden);
    const root = /** @type {Document | ShadowRoot} */ (details.getRootNode());
    const now = buttons.indexOf(/** @type {HTMLButtonElement} */ (root.activeElement));
    buttons[(now + by + buttons.length) % buttons.length]?.focus();
  }
  return details;
}
