/** The language of the page: the one chosen here, else the browser's. Imported before all that speaks. */

import { recall, remember } from "../client/elements/memory.js";

/** The languages that the page speaks, each by its own name. */
export const LANGUAGES = { de: "Deutsch", en: "English", es: "Español", fr: "Français", ja: "日本語", zh: "中文" };

const PLACE = "language";
const wanted = [recall(PLACE, ""), ...navigator.languages].map((each) => String(each).split("-")[0] ?? "");

document.documentElement.lang = wanted.find((each) => each in LANGUAGES) ?? "en";

/**
 * Speaks another language from now on. A scan that is going on goes on: the service scans, not the page.
 * @param {string} language
 */
export function speak(language) {
  remember(PLACE, language);
  location.reload();
}
