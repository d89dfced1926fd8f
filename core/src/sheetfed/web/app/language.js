/** The languages of the page, and how another one is chosen. */

import { remember } from "../client/elements/memory.js";

/** The languages that the page speaks, each by its own name. */
export const LANGUAGES = { de: "Deutsch", en: "English", es: "Español", fr: "Français", ja: "日本語", zh: "中文" };

/**
 * Speaks another language from now on. A scan that is going on goes on: the service scans, not the page.
 * @param {string} language
 */
export function speak(language) {
  remember("language", language);
  location.reload();
}
