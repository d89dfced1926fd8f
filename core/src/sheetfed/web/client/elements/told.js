/** Says in the page's language what the service says in English. */

import { Problem } from "../problem.js";
import { Sentences } from "./sentences.js";
import { sayCause } from "./words.js";

/**
 * @typedef {import("../shapes.js").Option} Option
 * @typedef {{title?: string, advice?: string, code?: string}} Trouble
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
const language = /** @type {keyof typeof OTHERS} */ (document.documentElement.lang.split("-")[0]);
const known = language in OTHERS ? await OTHERS[language]().then(([{ TOLD }, { FACTS }]) => new Sentences({ ...TOLD, ...FACTS })) : null;

/**
 * A text of the service in the page's language; null where nobody translated it.
 * @param {string} text
 */
export function said(text) {
  return known ? known.said(text) : text;
}

/**
 * The same, as it came where nobody translated it.
 * @param {string} text
 */
export function translated(text) {
  return said(text) ?? text;
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
 * What went wrong, in the page's language.
 * @param {Trouble} problem
 */
export function trouble({ title = "", advice = "", code = "" }) {
  if (code === "service-gone" && !title) title = sayCause({ code: "not-running" }); // nobody told it
  return { title: translated(title), advice: translated(advice) };
}

/**
 * The same in one line.
 * @param {unknown} error
 */
export function inLine(error) {
  const { title, advice } = trouble(error instanceof Problem ? error : { title: String(error) });
  return [title, advice].filter(Boolean).join(". ");
}
