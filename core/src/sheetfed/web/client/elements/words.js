/** Every sentence that the viewer says. */

import { CAUSES } from "../causes.js";
import { Speech } from "./speech.js";

/** @typedef {import("../causes.js").CauseCode} CauseCode */

const WORDS = {
  close: "Close",
  undo: "Undo",
  redo: "Redo",
  noPages: "Nothing here yet",
  noPagesAdvice: "Pages appear here as they come.",

  page: "Page {number}",
  pageOpen: "Page {number}, open large",
  pageBack: "back",
  pageSelect: "Select page {number}",
  pageLeft: "Move page {number} one place back",
  pageRight: "Move page {number} one place on",
  pageDelete: "Delete page {number}",
  pageGone: "This page cannot be shown",
  moved: { one: "Page is now number {number}.", other: "{count} pages moved; the first is now number {number}." },
  deleted: { one: "Page {number} deleted.", other: "{count} pages deleted." },
  restored: { one: "Page is back.", other: "{count} pages are back." },
  selected: { one: "{count} page selected", other: "{count} pages selected" },
  selectedPages: "Selected pages",
  selectNone: "Clear selection",
  moveLeft: "Move left",
  moveRight: "Move right",
  remove: "Delete",
  pageDeletedElsewhere: "That page was deleted elsewhere; this is the document as it is now.",

  previous: "Previous page",
  next: "Next page",
  zoomIn: "Larger",
  zoomOut: "Smaller",
  actualSize: "Actual size",
  fit: "Fit to the window",
  fitWidth: "Fit the width",
  fitHeight: "Fit the height",
  viewing: "Page {number} of {count}",
  pageFacts: "{width} × {height} pixels{dpi}, {size}",
  atDpi: " at {dpi} dpi",

  tools: "Tools",
  edit: "Change…",
  turnLeft: "Turn left",
  turnRight: "Turn right",
  crop: "Crop",
  drawRegion: "Draw the region on the page, or move it with the arrow keys; with Shift they stretch it.",
  dragCorners: "Drag the corners to those of the sheet; arrow keys move the one that has the focus.",
  corner: "Corner {number} of 4",
  apply: "Apply",
  applyAll: "Apply to all {count} pages",
  applyChosen: "Apply to the {count} selected pages",
  applying: "“{name}”: {done} of {count} pages…",
  applied: "“{name}”: {count} pages changed.",
  cancel: "Cancel",
  search: "Search",
  searchText: "Search the text",
  notFound: "Nothing found.",
  found: "Found on this page",
  kindBarcode: "Barcode",
  kindLeftOut: "Codes left out",
  kindPatch: "Patch code",
  kindBlank: "Blank",
  kindSkew: "Skew",
  kindColor: "Colours",
  kindOrientation: "Which way is up",
  kindHistogram: "Tones",
  kindSheet: "Sheet",
  kindText: "Text",
  copy: "Copy",
  notCopied: "This browser does not let the page copy.",
  editMissing: "“{name}” is not shown: no installed addon brings it.",
  editLeftOut: "“{name}” is not shown: a later edit was made without it. Undo that one to have it again.",
  blankPage: "blank",
  codes: { one: "{count} code", other: "{count} codes" },

  goOn: "Go on",
  tryAgain: "Try again",
  compareCode: "sheetfed asks whether this page may scan. Approve it there if it shows the same code:",
  scan: "Scan",
  noDevice: "No scanner found",
  scanningPages: { one: "{count} page", other: "{count} pages" },
  scannedPages: { one: "{count} page scanned.", other: "{count} pages scanned." },

  continuous: "All pages below one another",
  print: "Print",
  printing: "The pages are being prepared for printing.",
  insert: "Insert before the selected page",
  insertFiles: "Open files here…",
  openFiles: "Open files…",
  imported: { one: "{name}: {count} page added.", other: "{name}: {count} pages added." },
  notImported: "{name} could not be opened",

  settings: "Settings",
  allSettings: "All settings",
  otherSettings: "Other",
  defaults: "Reset to defaults",
  driverSettings: "As the driver names them",
  keptPages: "Kept pages",
  keptAs: "Kept as",
  keptLossless: "Exactly as scanned",
  keptJpeg: "JPEG, smaller",
  keptAbout: "How pages rest here until you save them.",
  settingsWait: "Asking the device what it can do…",
  allThere: "all there are",
  asItFits: "as it fits",
  failed: "Something failed",
  profile: "Profile",
  profileNone: "None",
  profileChanged: "{name}, changed",
  profileMore: "Change profiles",
  profileSave: "Save as a profile…",
  profileUpdate: "Save changes to this profile",
  profileDelete: "Delete this profile",
  profileName: "Name of the profile",
  profileKeep: "Save",
  number: "A number, please.",
  atLeast: "At least {least}.",
  atMost: "At most {most}.",
  between: "Between {least} and {most}.",

  copied: "Copied: {value}",
};

/** @typedef {keyof typeof WORDS} Word */

/** @type {Speech<Word>} */
export const speech = new Speech(WORDS);

/** Why there is no connection, in words for the person. */
const causes = new Speech(/** @type {Record<CauseCode, string>} */ (
  Object.fromEntries(Object.entries(CAUSES).map(([code, { person }]) => [code, person]))));

const OTHERS = {
  de: () => import("./words/de.js"), es: () => import("./words/es.js"), fr: () => import("./words/fr.js"),
  ja: () => import("./words/ja.js"), zh: () => import("./words/zh.js"),
};
const language = /** @type {keyof typeof OTHERS} */ (document.documentElement.lang.split("-")[0]);
if (language in OTHERS) {
  const { WORDS: words, PERSON } = await OTHERS[language]();
  speech.learn(language, words);
  causes.learn(language, PERSON);
}

/**
 * Says why there is no connection, to the person.
 * @param {{code: CauseCode, facts?: Record<string, string>}} error
 */
export function sayCause({ code, facts }) {
  return causes.say(code, facts);
}

/**
 * @param {Word} word
 * @param {Record<string, string | number>} [values]
 */
export function say(word, values) {
  return speech.say(word, values);
}

/**
 * A number of bytes as people read it.
 * @param {number} bytes
 */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  const amount = bytes / 1000 ** power;
  const digits = amount < 10 ? 1 : 0;
  const said = amount.toLocaleString(document.documentElement.lang || "en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${said} ${units[power - 1]}`;
}
