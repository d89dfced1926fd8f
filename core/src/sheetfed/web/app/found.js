/** Says in the page's language what the service found about its computer. */

/** @typedef {import("../client/shapes.js").Schemas["MachineFindings"]["items"][number]} Finding */

const OTHERS = {
  de: () => import("./found/de.js"), es: () => import("./found/es.js"), fr: () => import("./found/fr.js"),
  ja: () => import("./found/ja.js"), zh: () => import("./found/zh.js"),
};
const GAP = "{}"; // a fact in a sentence

/**
 * Findings as they are read here; what nobody translated stays as it came.
 * @param {Finding[]} items
 * @returns {Promise<Finding[]>}
 */
export async function inWords(items) {
  const language = /** @type {keyof typeof OTHERS} */ (document.documentElement.lang);
  if (!(language in OTHERS)) return items;
  const { FOUND } = await OTHERS[language]();
  const said = Object.entries(FOUND).map(([ours, theirs]) => ({ form: form(ours), theirs }));
  const say = (/** @type {string} */ text) => {
    const known = said.find(({ form }) => form.test(text));
    return known ? filled(known.theirs, known.form.exec(text)?.slice(1) ?? []) : text;
  };
  return items.map(({ name, text, advice, ...rest }) => ({ ...rest, name: say(name), text: say(text), advice: say(advice) }));
}

/** @param {string} sentence */
function form(sentence) {
  const parts = sentence.split(GAP).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("(.+?)")}$`, "s");
}

/**
 * @param {string} sentence
 * @param {string[]} facts
 */
function filled(sentence, facts) {
  return sentence.split(GAP).map((part, place) => part + (facts[place] ?? "")).join("");
}
