/** What went wrong, with the fact that the service tells of this one case. */

import { el } from "../client/elements/dom.js";
import { said, translated, trouble as inShort } from "../client/elements/told.js";

/** @typedef {{title?: string, detail?: string, advice?: string, code?: string}} Trouble */

const KEPT = /; (?=page \d+ is the last that was kept$)/; // what a job adds to its driver's words

/**
 * A text of the service to be shown: a quotation where only English tells it, such as a driver's own words.
 * @param {string} text
 * @returns {string | HTMLElement}
 */
export function quoted(text) {
  const ours = text ? said(text) : text;
  if (ours !== null) return ours;
  const [theirs = "", added] = text.split(KEPT);
  const quotation = el("q", { lang: "en" }, theirs);
  return added ? el("span", {}, quotation, " ", translated(added)) : quotation;
}

/**
 * What went wrong, in the page's language; `detail` is empty where it tells no more than the title.
 * @param {Trouble} problem
 * @returns {{title: string, detail: string | HTMLElement, advice: string}}
 */
export function trouble(problem) {
  const { title = "", detail = "", code } = problem;
  const untold = code === "service-gone" && !title; // nobody told it
  return { ...inShort(problem), detail: untold ? "" : quoted(beyond(title, detail)) };
}

/**
 * What a fact tells that its title does not.
 * @param {string} title
 * @param {string} detail
 */
function beyond(title, detail) {
  if (!title || !detail.startsWith(title)) return detail;
  const rest = detail.slice(title.length).replace(/^[;:.]?\s*/, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
