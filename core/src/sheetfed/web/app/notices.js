/** Tells people what happened: banners that stay, toasts that pass. */

import { Problem } from "./api.js";
import { byId, el, icon } from "./dom.js";
import { say } from "./words.js";

const STAY = 8_000;

/**
 * @typedef {{text: string, main?: boolean, act: () => void}} Action
 * @typedef {{title: string, detail?: string, advice?: string, kind?: "trouble" | "wait", drawing?: string,
 *   more?: HTMLElement, actions?: Action[], close?: boolean}} Notice
 */

/**
 * Shows a banner; one with the same name is replaced.
 * @param {string} name
 * @param {Notice} what
 */
export function banner(name, { title, detail, advice, kind = "trouble", drawing = "warning", more, actions = [], close = true }) {
  const words = el("div", { class: "words" }, el("h2", {}, title));
  if (detail && detail !== title) words.append(el("p", {}, detail));
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
}

/**
 * Takes a banner away.
 * @param {string} name
 */
export function clear(name) {
  byId("notices").querySelector(`[data-name="${name}"]`)?.remove();
}

/**
 * Shows what went wrong, in words and with advice.
 * @param {unknown} error
 */
export function tell(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    banner("problem", { title: say("failed"), advice: say("failedAdvice") });
    return;
  }
  if (error.code === "service-gone" && !error.title) return; // the event stream says so already
  if (error.status === 401) return; // the door is shut
  const facts = error.errors.map((each) => `${each.pointer} ${each.detail}`).join("; ");
  banner("problem", {
    title: error.title || say("failed"),
    detail: [error.detail, facts].filter(Boolean).join(" "),
    advice: error.advice || say("failedAdvice"),
  });
}

/**
 * Shows a passing notice; it stays while it is pointed at or focused.
 * @param {string} text
 * @param {{action?: Action, gone?: () => void}} [more]  `gone` is called once when it has passed
 *   without its action being taken
 * @returns {{take: () => void, end: () => void}}  takes its action; ends it now
 */
export function toast(text, { action, gone } = {}) {
  const made = el("div", { class: "toast" }, el("span", {}, text));
  let timer = setTimeout(end, STAY);
  const hold = () => clearTimeout(timer);
  const release = () => { hold(); timer = setTimeout(end, STAY / 2); };
  for (const name of ["pointerenter", "focusin"]) made.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) made.addEventListener(name, release);
  if (action) made.append(el("button", { type: "button", class: "quiet", onclick: take }, action.text));
  byId("toasts").append(made);

  let over = false;
  /** @param {(() => void) | undefined} last */
  function finish(last) {
    if (over) return;
    over = true;
    hold();
    made.remove();
    last?.();
  }
  function end() { finish(gone); }
  function take() { finish(action?.act); }
  return { take, end };
}

/**
 * Says something to people who listen rather than look.
 * @param {string} text
 */
export function announce(text) {
  byId("live").textContent = text;
}
