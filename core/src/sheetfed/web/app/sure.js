/** A button that acts when it is pressed a second time. */

import { el, icon } from "../client/elements/dom.js";

/**
 * @param {{drawing?: string, text?: string, label: string, question: string, act: () => void}} what
 *   what it shows at first, is called, and asks after the first press
 * @returns {HTMLButtonElement}
 */
export function sure({ drawing, text, label, question, act }) {
  let asked = false;
  const button = el("button", { type: "button", class: "quiet", onclick: press, onblur: reset });
  reset();
  return button;

  function press() {
    if (asked) return act();
    asked = true;
    button.classList.add("danger");
    button.removeAttribute("aria-label");
    button.replaceChildren(question);
  }

  function reset() {
    asked = false;
    button.classList.remove("danger");
    button.setAttribute("aria-label", label);
    button.replaceChildren(drawing ? icon(drawing) : "", text ?? "");
  }
}
