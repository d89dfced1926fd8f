/** What stands on the page before anything is known: names, what to do. The service filled it in. */

import { icon } from "../client/elements/dom.js";
import { remember } from "../client/elements/memory.js";
import "./icons.js";
import { byId } from "./place.js";
import { say } from "./words.js";

const { classList } = document.documentElement; // what is to be seen of it; see begin.js and layout.css

/** Draws all that needs no answer. */
export function drawFirst() {
  if (classList.contains("other")) drawWords();
  classList.remove("other");
  byId("help").title = `${say("keys")} (?)`;
  byId("help").append(icon("keys"));
  byId("fold").append(icon("down"));
}

/** Says the words of the page again, in the language that was chosen. */
function drawWords() {
  for (const each of document.querySelectorAll("[data-say], [data-label]")) {
    const { say: text, label, hint } = /** @type {Record<string, Parameters<typeof say>[0]>} */ (/** @type {HTMLElement} */ (each).dataset);
    if (text) each.textContent = say(text);
    if (label) each.setAttribute("aria-label", say(label));
    if (hint) each.setAttribute("placeholder", say(hint));
  }
}

/**
 * Says where there are no pages what to do, and how long pages are kept; or that they are on their way.
 * @param {string} promise
 * @param {boolean} opening
 */
export function drawEmpty(promise, opening) {
  classList.toggle("opening", opening);
  byId("promise").textContent = promise;
}

/** The person has scanned here, and needs no welcome any more. */
export function welcomed() {
  remember("welcomed", true);
  classList.remove("newcomer");
}
