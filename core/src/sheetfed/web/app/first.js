/** What stands on the page before anything is known: names, what to do. */

import { el, icon } from "../client/elements/dom.js";
import { recall } from "../client/elements/memory.js";
import { byId } from "./place.js";
import { say } from "./words.js";

/** Where it is remembered that the person has scanned here. */
export const WELCOMED = "welcomed";

/** Draws all that needs no answer. */
export function drawFirst() {
  byId("skip").textContent = say("skip");
  label("help", say("keys"), "?");
  label("title", say("documentTitle"));
  /** @type {HTMLInputElement} */ (byId("title")).placeholder = say("untitled");
  for (const [id, word] of /** @type {const} */ ([["desk", "desk"], ["device", "device"], ["document", "document"], ["pages", "pagesHere"]])) {
    byId(id).setAttribute("aria-label", say(word));
  }
  byId("help").append(icon("keys"));
  byId("fold").append(say("settings"), icon("down"));
  byId("device").append(el("p", { class: "none" }, say("looking")));
  drawEmpty("");
}

/**
 * Says where there are no pages what to do, and how long pages are kept.
 * @param {string} promise
 */
export function drawEmpty(promise) {
  byId("empty").replaceChildren(el("div", { class: "blank", "aria-hidden": "true" }), el("h2", {}, say("noPages")),
    recall(WELCOMED, false) ? el("p", { class: "muted" }, say("noPagesAdvice")) : welcome(),
    el("p", { class: "muted small" }, promise), el("p", { class: "muted small" }, say("noPagesKey")));
}

/** Says that the page could not be loaded to its end. */
export function drawFailed() {
  byId("notices").append(el("div", { class: "banner trouble", role: "alert" }, icon("warning"),
    el("div", { class: "words" }, el("h2", {}, say("gone")), el("p", { class: "advice" }, say("goneAdvice"))),
    el("button", { type: "button", class: "main", onclick: () => location.reload() }, say("reload"))));
}

/** What a person reads who was never here. */
function welcome() {
  const words = /** @type {const} */ (["welcomeChoose", "welcomeScan", "welcomeSave"]);
  return el("ol", { class: "welcome" }, ...words.map((word) => el("li", {}, say(word))));
}

/**
 * Gives a control of the page its name.
 * @param {string} id
 * @param {string} text
 * @param {string} [key]
 */
function label(id, text, key) {
  byId(id).setAttribute("aria-label", text);
  if (key) byId(id).title = `${text} (${key})`;
}
