/** Every sentence that the camera says. */

import { Speech } from "./speech.js";

const WORDS = {
  live: "Live picture of the camera",
  starting: "The camera starts…",
  stopped: "The camera is off.",
  tryAgain: "Try again",
  take: { one: "Take a picture", other: "Take {count} pictures" },
  stop: "Stop",
  pictures: "Pictures",
  correct: "Paper",
  correct_: "As it is seen",
  correct_sheet: "Lay the sheet flat",
  correct_book: "Two pages of a book",
  noSheet: "No sheet is seen.",
  sheet: "The sheet is seen.",
  sheets: "{count} sheets are seen; the outlined one is taken.",
  taken: { one: "{count} picture taken.", other: "{count} pictures taken." },
  controls: "Camera settings",
};

/** @typedef {keyof typeof WORDS} Word */

/** @type {Speech<Word>} */
const speech = new Speech(WORDS);

const language = document.documentElement.lang.split("-")[0] ?? "";
if (["de", "es", "fr", "ja", "zh"].includes(language)) {
  const { OTHERS } = await import("./words/camera.js");
  speech.learn(language, OTHERS[/** @type {keyof typeof OTHERS} */ (language)]);
}

/**
 * @param {Word} word
 * @param {Record<string, string | number>} [values]
 */
export function say(word, values) {
  return speech.say(word, values);
}
