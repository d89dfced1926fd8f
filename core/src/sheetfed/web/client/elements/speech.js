/** Says sentences with their values filled in, in the language of the page. */

/**
 * A sentence; with a number in it, one for each form that languages have of it.
 * @typedef {string | ({other: string} & {[form in "zero" | Intl.LDMLPluralRule]?: string})} Sentence
 */

/**
 * Sentences by name, in one language and, once they are there, in another.
 * @template {string} Word
 */
export class Speech {
  #words;
  #plural = new Intl.PluralRules("en");

  /** @param {Record<Word, Sentence>} words   in English; every word is there */
  constructor(words) {
    this.#words = words;
  }

  /**
   * Speaks another language from now on; what it lacks is said as before.
   * @param {string} language
   * @param {Partial<Record<Word, Sentence>>} words
   */
  learn(language, words) {
    this.#words = { ...this.#words, ...words };
    this.#plural = new Intl.PluralRules(language);
  }

  /**
   * @param {Word} word
   * @param {Record<string, string | number>} [values]   `count` chooses the form
   * @returns {string}
   */
  say(word, values = {}) {
    const entry = /** @type {Sentence} */ (this.#words[word]);
    const text = typeof entry === "string" ? entry : this.#form(entry, Number(values["count"]));
    return text.replace(/\{(\w+)\}/g, (_, /** @type {string} */ name) => String(values[name] ?? ""));
  }

  /**
   * @param {Exclude<Sentence, string>} forms
   * @param {number} count
   */
  #form(forms, count) {
    if (count === 0 && forms.zero !== undefined) return forms.zero;
    return forms[this.#plural.select(count)] ?? forms.other;
  }
}
