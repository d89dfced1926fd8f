/** Says in the page's language what the service says in English. */

import { el } from "./dom.js";
import { Sentences } from "./sentences.js";
import { sayCause } from "./words.js";

/**
 * @typedef {import("../shapes.js").Option} Option
 * @typedef {{title?: string, detail?: string, advice?: string, code?: string}} Trouble
 */

/** What drivers call differently is known by its value. @type {Record<string, Record<string, string>>} */
const STANDARD = {
  source: { flatbed: "Flatbed", feeder: "Feeder", duplex: "Feeder, both sides" },
  mode: { lineart: "Black and white", gray: "Grey", color: "Colour" },
};
const OTHERS = {
  de: () => Promise.all([import("./told/de.js"), import("./facts/de.js")]),
  es: () => Promise.all([import("./told/es.js"), import("./facts/es.js")]),
  fr: () => Promise.all([import("./told/fr.js"), import("./facts/fr.js")]),
  ja: () => Promise.all([import("./told/ja.js"), import("./facts/ja.js")]),
  zh: () => Promise.all([import("./told/zh.js"), import("./facts/zh.js")]),
};
const KEPT = /; (?=page \d+ is the last that was kept$)/; // what a job adds to its driver's words
const language = /** @type {keyof typeof OTHERS} */ (document.documentElement.lang.split("-")[0]);
const known = language in OTHERS ? await OTHERS[language]().then(([{ TOLD }, { FACTS }]) => new Sentences({ ...TOLD, ...FACTS })) : null;

/**
 * A text of the service, as it came where nobody translated it.
 * @param {string} text
 */
export function translated(text) {
  return known?.said(text) ?? text;
}

/**
 * A text of the service to be shown: a quotation where only English tells it, such as a driver's own words.
 * @param {string} text
 * @returns {string | HTMLElement}
 */
export function quoted(text) {
  const said = known && text ? known.said(text) : text;
  if (said !== null) return said;
  const [theirs = "", ours] = text.split(KEPT);
  const quotation = el("q", { lang: "en" }, theirs);
  return ours ? el("span", {}, quotation, " ", translated(ours)) : quotation;
}

/**
 * An option with its names in the page's language.
 * @param {Option} option
 * @returns {Option}
 */
export function spoken(option) {
  if (!known) return option;
  const values = STANDARD[option.name] ?? {};
  return {
    ...option,
    title: translated(option.title),
    description: translated(option.description),
    choices: option.choices.map(({ value, title }) => ({ value, title: translated(values[String(value)] ?? title) })),
  };
}

/**
 * What went wrong, in the page's language; `detail` is empty where it tells no more than the title.
 * @param {Trouble} problem
 * @returns {{title: string, detail: string | HTMLElement, advice: string}}
 */
export function trouble({ title = "", detail = "", advice = "", code = "" }) {
  if (code === "service-gone" && !title) return { title: sayCause({ code: "not-running" }), detail: "", advice: "" }; // nobody told it
  return { title: translated(title), detail: quoted(beyond(title, detail)), advice: translated(advice) };
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
