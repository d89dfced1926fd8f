/** Says in the page's language what the service found about its computer. */

import { el } from "../client/elements/dom.js";
import { Sentences } from "../client/elements/sentences.js";
import { translated } from "../client/elements/told.js";

/** @typedef {import("../client/shapes.js").Schemas["MachineFindings"]["items"][number]} Finding */

const OTHERS = {
  de: () => import("./found/de.js"), es: () => import("./found/es.js"), fr: () => import("./found/fr.js"),
  ja: () => import("./found/ja.js"), zh: () => import("./found/zh.js"),
};

const REASON = /(?<=: ).+$/s; // why something is as it is, which is said elsewhere, too

/**
 * Findings as they are read here; what nobody translated stays as it came.
 * @param {Finding[]} items
 * @returns {Promise<Finding[]>}
 */
export async function inWords(items) {
  const language = /** @type {keyof typeof OTHERS} */ (document.documentElement.lang);
  if (!(language in OTHERS)) return items;
  const sentences = new Sentences((await OTHERS[language]()).FOUND);
  const say = (/** @type {string} */ text) => sentences.said(text) ?? text.replace(REASON, translated);
  return items.map(({ name, text, advice, ...rest }) => ({ ...rest, name: say(name), text: say(text), advice: say(advice) }));
}

/**
 * A text whose commands, between backticks, are shown as what is typed.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function commands(text) {
  return text.split("`").map((part, place) => (place % 2 ? el("kbd", {}, part) : part));
}
