/** Sentences with gaps for values, in another language. */

const GAP = "{}"; // a value in a sentence
const OURS = /^(an?|its?|the) /i; // how our own English begins, which is no value

/** What is said in English, and how it is said here. */
export class Sentences {
  /** @type {Map<string, string>} */ #whole = new Map();
  /** @type {{form: RegExp, theirs: string}[]} */ #filled = [];

  /** @param {Record<string, string>} told   each {} is a value; in a translation {2} is the second one */
  constructor(told) {
    const closest = Object.entries(told).sort(([one], [other]) => other.length - one.length);
    for (const [ours, theirs] of closest) {
      if (ours.includes(GAP)) this.#filled.push({ form: form(ours), theirs });
      else this.#whole.set(ours, theirs);
    }
  }

  /**
   * A sentence as it is said here, its values too where they are words of ours; null where nobody translated it.
   * @param {string} text
   * @returns {string | null}
   */
  said(text) {
    const whole = this.#whole.get(text);
    if (whole !== undefined) return whole;
    for (const { form, theirs } of this.#filled) {
      const values = form.exec(text)?.slice(1).map((value) => this.said(value) ?? (OURS.test(value) ? null : value));
      if (values?.every((value) => value !== null)) return filled(theirs, values);
    }
    return null;
  }
}

/** @param {string} sentence */
function form(sentence) {
  const parts = sentence.split(GAP).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("(.+?)")}$`, "s");
}

/**
 * @param {string} sentence
 * @param {string[]} values
 */
function filled(sentence, values) {
  let place = 0;
  return sentence.replace(/\{(\d?)\}/g, (_, number) => values[number ? number - 1 : place++] ?? "");
}
