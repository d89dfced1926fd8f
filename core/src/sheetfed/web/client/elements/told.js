/** Says in the page's language what the service says in English. */

/**
 * @typedef {import("../shapes.js").Option} Option
 * @typedef {{title?: string, detail?: string, advice?: string}} Trouble
 */

/** What drivers call differently is known by its value. @type {Record<string, Record<string, string>>} */
const STANDARD = {
  source: { flatbed: "Flatbed", feeder: "Feeder", duplex: "Feeder, both sides" },
  mode: { lineart: "Black and white", gray: "Grey", color: "Colour" },
};
const OTHERS = {
  de: () => import("./told/de.js"), es: () => import("./told/es.js"), fr: () => import("./told/fr.js"),
  ja: () => import("./told/ja.js"), zh: () => import("./told/zh.js"),
};
const language = /** @type {keyof typeof OTHERS} */ (document.documentElement.lang.split("-")[0]);
/** @type {Map<string, string> | null} */
const known = language in OTHERS ? new Map(Object.entries((await OTHERS[language]()).TOLD)) : null;

/**
 * A text of the service, as it came where nobody translated it.
 * @param {string} text
 */
export function translated(text) {
  return known?.get(text) ?? text;
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
 * What went wrong, in the page's language as far as it is known there.
 * @param {Trouble} problem
 */
export function trouble({ title = "", detail = "", advice = "" }) {
  return { title: translated(title), detail: translated(detail), advice: translated(advice) };
}
