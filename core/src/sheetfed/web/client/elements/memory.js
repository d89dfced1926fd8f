/** What this browser remembers of a person's choices, for this site. */

/**
 * @param {string} name
 * @param {unknown} otherwise
 * @returns {unknown}
 */
export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(`sheetfed ${name}`);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise; // storage may be switched off, or hold something foreign
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(`sheetfed ${name}`, JSON.stringify(value));
  } catch {
    // storage may be full or switched off; then nothing is remembered
  }
}

/**
 * What may be remembered of settings: no password.
 * @param {import("../shapes.js").Option[]} options
 * @param {import("../shapes.js").Settings} settings
 */
export function withoutSecrets(options, settings) {
  const secret = options.filter(({ kind }) => kind === "secret").map(({ name }) => name);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !secret.includes(name)));
}
