/** Tells people what happened: banners that stay, toasts that pass. */

import { Problem } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { Toasts } from "../client/elements/toasts.js";
import { byId } from "./place.js";
import { trouble } from "./told.js";
import { say } from "./words.js";

const LOST = 1_000; // milliseconds after which it is known whether the service is gone, or one answer of it
let gone = 0; // how often that was said

/**
 * @typedef {import("../client/elements/toasts.js").Action} Action
 * @typedef {{title: string, detail?: string | HTMLElement, advice?: string, kind?: "trouble" | "wait", drawing?: string,
 *   more?: HTMLElement, actions?: Action[], close?: boolean}} Notice
 */

/**
 * Shows a banner; one with the same name is replaced.
 * @param {string} name
 * @param {Notice} what
 */
export function banner(name, { title, detail, advice, kind = "trouble", drawing = "warning", more, actions = [], close = true }) {
  const words = el("div", { class: "words" }, el("h2", {}, title));
  if (detail) words.append(el("p", {}, detail));
  if (advice) words.append(el("p", { class: "advice" }, advice));
  if (more) words.append(more);
  const buttons = el("div", { class: "banner-actions" }, ...actions.map(({ text, main, act }) =>
    el("button", { type: "button", class: main ? "main" : null, onclick: act }, text)));
  const made = el("div", { class: `banner ${kind}`, role: "alert", "data-name": name }, icon(drawing), words, buttons);
  if (close) {
    made.append(el("button", {
      type: "button", class: "quiet icon-only", "aria-label": say("close"), onclick: () => made.remove(),
    }, icon("close")));
  }
  clear(name);
  byId("notices").append(made);
  if (name === "gone") gone += 1;
}

/**
 * Takes a banner away.
 * @param {string} name
 */
export function clear(name) {
  shown(name)?.remove();
}

/** @param {string} name */
function shown(name) {
  const banners = /** @type {HTMLElement[]} */ ([...byId("notices").children]);
  return banners.find((each) => each.dataset["name"] === name); // a file's name may be no selector
}

/**
 * Shows what went wrong, in words and with advice; where a dialog lies over the page, in it as well.
 * @param {unknown} error
 */
export function tell(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    banner("problem", { title: say("failed"), advice: say("failedAdvice") });
    return tellInDialog(say("failed"), say("failedAdvice"));
  }
  if (error.code === "service-gone" && !error.title) {
    setTimeout(unlessGone, LOST, gone);
    return tellInDialog(say("gone"), "");
  }
  if (error.status === 401) return; // the door is shut
  const facts = error.errors.map((each) => `${each.pointer} ${each.detail}`).join("; ");
  const { title, detail, advice } = trouble(error);
  banner("problem", {
    title: title || say("failed"),
    detail: facts ? el("span", {}, detail, " ", facts) : detail,
    advice: advice || say("failedAdvice"),
  });
  tellInDialog(title || say("failed"), advice || say("failedAdvice"));
}

/**
 * A banner says already that the service is gone; where none does, one question alone was lost.
 * @param {number} before   how often that was said before
 */
function unlessGone(before) {
  if (gone === before && !shown("gone")) banner("problem", { title: say("failed"), advice: say("failedAdvice") });
}

/**
 * Says what went wrong to who cannot see a banner now.
 * @param {string} title
 * @param {string} advice
 */
function tellInDialog(title, advice) {
  told?.end();
  told = toasts.inDialog ? toast([title, advice].filter(Boolean).join(". ")) : null;
}

/** Notices that pass, and what is read aloud. */
export const toasts = new Toasts(byId("toasts"), byId("live"));
/** @type {ReturnType<typeof toast> | null} */ let told = null; // what was said last in a dialog of what went wrong

/**
 * Shows a passing notice.
 * @param {string} text
 */
export function toast(text) {
  return toasts.toast(text);
}

/**
 * Says something to people who listen rather than look.
 * @param {string} text
 */
export function announce(text) {
  toasts.announce(text);
}
