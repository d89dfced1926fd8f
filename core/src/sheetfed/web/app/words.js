/** Every sentence the page says, in one place; in other languages in words/. */

import { Speech } from "../client/elements/speech.js";

const WORDS = {
  scan: "Scan",
  cancel: "Cancel",
  cancelling: "Stopping…",
  continue: "Continue",
  keep: "Keep pages",
  discard: "Discard",
  close: "Close",
  open: "Open",
  refresh: "Look for devices again",
  looking: "Looking for devices…",
  device: "Device",
  settings: "Settings",
  tryAgain: "Try again",

  noDevices: "No scanner found",
  noDevicesAdvice: "Connect it, switch it on, wake it up, then look again.",
  deviceReady: "ready",
  deviceBusy: "at work",
  devicePaused: "waiting for you",
  deviceHeld: "kept for {site}",
  deviceHeldHere: "kept for a program on this computer",
  deviceFree: "Take it back",
  deviceWent: "{device} is not there any more.",
  absentTitle: "Why is my scanner not here?",
  checkPower: "Is it switched on and awake? Press a button on it.",
  checkCable: "By cable: pull it out at both ends, and plug it in again, without a hub if there is one.",
  checkNetwork: "By network: is it in the same network as this computer? Guest networks keep devices apart.",
  checkOthers: "Does another program have it open? Only one can scan at a time.",
  absentAsked: "Who was asked for devices",
  absentNone: "found none",
  absentInstall: "Install it beside sheetfed (“pip install {name}”), then start sheetfed again.",
  absentHere: "On this computer",
  absentLooking: "Looking this computer over…",
  absentClear: "Nothing on this computer is in the way.",
  absentMore: "Still not here?",
  absentDoctor: "This looks at the whole computer and says what is in the way.",
  doctor: "Look at this computer",
  doctorTitle: "What holds on this computer",
  doctorLooking: "Looking at the whole computer, which takes some seconds…",
  doctorSave: "Save it for somebody who helps",
  doctorSaveAbout: "One zip of plain text: findings, settings, versions, logs. No pages, passwords or tokens are in it; names of devices, folders and sites are. Read it before you send it.",
  finding_ok: "fine",
  finding_weak: "weak",
  finding_missing: "not there",
  finding_broken: "broken",
  sourceFailed: "{source} could not be asked:",

  noPages: "Nothing scanned yet",
  noPagesAdvice: "Lay paper on the glass or into the feeder, then press Scan. Pages appear here as they come.",
  noPagesKey: "Ctrl+Enter scans.",
  welcomeChoose: "Choose the scanner, and how to scan. Without one, the sample scanner shows how it works.",
  welcomeScan: "Press Scan. Each page you see is safe, whatever happens then.",
  welcomeSave: "Turn, crop, arrange, name it; then save or send it. Nothing leaves this computer before.",
  opening: "Opening the document…",

  steps: "Find and part",
  stepsChosen: "Find and part ({count})",
  splitBy: "Begin a new document",
  findTitle: "Look for codes, blank pages…",
  findAbout: "Looks at pages that are here already. What is found is written on them.",
  find: { one: "Look at {count} page", other: "Look at {count} pages" },
  findGoing: "{number} of {count} pages",
  findDone: "All pages were looked at.",
  findLost: "The service began anew; {number} of {count} pages had been looked at",
  split_never: "Never",
  split_barcode: "At each barcode",
  split_patch: "At each patch code",
  split_blank: "At each blank page",
  split_pages: "After so many pages",
  splitEvery: "Pages",
  parted: "They are {count} documents now.",

  waiting: "Waiting for the device…",
  scanningPage: "Scanning page {number}",
  paused: "Waiting for you",
  pageArrived: "Page {number} arrived.",
  scanned: { one: "{count} page scanned.", other: "{count} pages scanned." },
  cancelled: { zero: "Cancelled.", one: "Cancelled. {count} complete page is kept.", other: "Cancelled. {count} complete pages are kept." },
  discarded: "The pages of this scan were discarded.",
  pausedElsewhere: "A scan in another document is waiting for you.",
  scanGoesOn: "A scan goes on, or waits for you: end it first.",
  soFar: { zero: "", one: "{count} page of this scan is safe.", other: "{count} pages of this scan are safe." },

  stepsFailed: { one: "A step failed at one page", other: "Steps failed at {count} pages" },
  stepsFailedAbout: "The pages are kept as they were scanned.",
  stepFailed: "{name}, {step}: {title}.",
  somePage: "A page",
  andMore: { one: "and one more", other: "and {count} more" },

  pages: { zero: "No pages", one: "{count} page", other: "{count} pages" },
  page: "Page {number}",
  pageOpen: "Page {number}, open large",

  savePdf: "Save as PDF",
  saveSelectedPdf: "Save selected as PDF",
  saveMore: "More ways to save",
  saveTiff: "Save as TIFF",
  savePng: "Save as PNG pictures",
  saveJpeg: "Save as JPEG pictures",
  export: "Save as…",
  format: "Format",
  save: "Save",
  onlySelected: { one: "Only the selected page", other: "Only the {count} selected pages" },
  saving: "Saving…",
  savingPages: "Saving… {done} of {pages}",
  saved: "{name} is saved.",
  savingPage: "Saving {number} of {count}…",
  print: "Print…",

  openFiles: "Open…",
  openFilesAbout: "Open files; they can be dropped or pasted here as well",
  openFile: "Open",
  importing: "Opening {name}…",
  importsLeft: { one: "One more file waits.", other: "{count} more files wait." },
  imported: { one: "{name}: {count} page added.", other: "{name}: {count} pages added." },
  notImported: "{name} could not be opened",
  lockedFile: "A locked file",
  askPassword: "The password of {name}",
  wrongPassword: "That password does not open {name}. Try another one:",

  send: "Send to…",
  sendNow: "Send",
  target: "Where to",
  noTargets: "No place to send documents to is set up. Places are set in sheetfed.toml.",
  targetMissing: "{target} cannot be used:",
  deliveries: "Sent and on the way",
  noDeliveries: "Nothing was sent yet.",
  delivered: "{name} has arrived: {target}.",
  notDelivered: "{name} could not be sent to {target}.",
  delivery_waiting: "waits",
  delivery_encoding: "is being written",
  delivery_sending: "on its way",
  delivery_done: "arrived",
  delivery_failed: "failed",
  delivery_cancelled: "given up",
  retry: "Try again",
  giveUp: "Give up",
  sentOf: "{sent} of {whole}",
  tries: { one: "{count} try", other: "{count} tries" },

  arrange: "Arrange the document",
  split: "Split at the selected pages",
  splitHow: "Select the pages that new documents begin with, then split.",
  splitDone: { one: "Nothing was split.", other: "There are {count} documents now." },
  merge: "Add another document…",
  mergeAbout: "All its pages come to the end of this document; the other one is gone then.",
  noOthers: "There is no other document.",
  reverse: "Reverse the order",
  interleave: "Fronts, then backs: interleave",
  interleaveReversed: "Fronts, then backs from the last: interleave",
  deinterleave: "Take fronts and backs apart",
  flipOdd: "Turn odd pages upside down",
  flipEven: "Turn even pages upside down",
  scanHere: "Scan pages here",
  tags: "Tags",
  tag: "Add a tag",
  untag: "Remove the tag {tag}",

  newDocument: "New",
  newDocumentTitle: "Start a new document; this one is kept",
  documents: "Documents",
  onlyTagged: "Only documents with a tag",
  earlier: "Documents",
  noDocuments: "No documents yet.",
  moreDocuments: "Show more",
  untitled: "Untitled document",
  deleteDocument: "Delete “{title}”",
  deleteDocumentSure: "Delete for good?",
  documentDeleted: "The open document was deleted.",
  documentGone: "That document is no longer here.",
  thisDocument: "open now",

  replaced: "sheetfed is version {version} now",
  replacedAbout: "This page is still that of the version before. Load it anew; nothing is lost.",
  reload: "Load anew",
  missing: "A part of this page could not be loaded",
  gone: "The service does not answer",
  goneAdvice: "Complete pages are safe. This page connects again by itself; if the service was stopped, start it with “sheetfed serve”.",
  back: "The service is back.",
  titleWaits: "The title is not saved yet: that is done once the service answers.",
  failed: "Something failed",
  failedAdvice: "Try again.",

  sites: "Sites",
  noSites: "No site may use your scanners. One that wants to will ask, and show a code.",
  siteAsks: "{site} asks to use your scanners",
  sitesAsking: { one: "{count} site asks to use your scanners", other: "{count} sites ask to use your scanners" },
  siteAsksAdvice: "If you did not start this there yourself, block it.",
  siteDecide: "Decide…",
  siteCompare: "Approve only if the site shows this same code now. It can then scan and read back what it scanned, nothing else.",
  siteApprove: "Approve",
  siteBlock: "Block",
  siteRevoke: "Revoke",
  siteForget: "Forget",
  siteSure: "{text}, really?",
  siteSureWithDocuments: "{text}, really? Its documents are deleted.",
  siteApproved: "{site} may scan now.",
  siteBlocked: "{site} is blocked and cannot ask again.",
  siteScans: "{site} is scanning with {device}.",
  siteScanned: "{site} has scanned.",
  siteScanning: "scanning now",
  siteSince: "approved {moment}",
  siteUsed: "last used {moment}",
  siteUnused: "not used yet",
  siteIsBlocked: "blocked, cannot ask",
  siteExpired: "not used for 90 days: it must ask again",
  siteConfigured: "set by the administrator",

  locked: "Open sheetfed from this computer",
  lockedAdvice: "This page works only when sheetfed itself opens it. In a terminal:",
  lockedCommand: "sheetfed open",
  lockedWhy: "So no website, and nobody else at this computer, can scan or read your documents. Nothing is lost.",

  about: "About",
  language: "Language",
  storage: "Storage",
  free: "{bytes} are free on this disk.",
  lowDisk: "The disk is nearly full: save what you need and delete documents, else pages will be refused soon.",
  addon_ready: "ready",
  addon_disabled: "switched off",
  addon_incompatible: "for another version",
  addon_broken: "does not work",
  addon_absent: "not installed",
  addonsNotReady: { one: "{count} addon is not ready", other: "{count} addons are not ready" },
  addons: "Addons",
  version: "sheetfed {version}",
  kept: { zero: "nothing kept", one: "{count} page kept, {bytes}{most}", other: "{count} pages kept, {bytes}{most}" },
  ofMost: " of {most}",
  keptHours: { one: "Pages rest encrypted on this computer and are deleted an hour after you last used them.", other: "Pages rest encrypted on this computer and are deleted {count} hours after you last used them." },
  keptForEver: "Pages rest encrypted on this computer until you delete them.",

  skip: "Skip to the pages",
  desk: "Scanner",
  document: "Document",
  pagesHere: "Pages",
  documentTitle: "Document title",

  keys: "Keyboard shortcuts",
  keyScan: "Scan, or continue a paused scan",
  keyEscape: "Cancel the scan; close what is open; clear the selection",
  keySave: "Save as PDF",
  keyPrint: "Print the document, or the selected pages",
  keyGo: "Go from page to page",
  keyOpen: "Open a page large",
  keySelect: "Select a page",
  keyAll: "Select all pages",
  keyLeft: "Move the page, or the selected pages, to the left",
  keyRight: "Move the page, or the selected pages, to the right",
  keyDelete: "Delete the page, or the selected pages",
  keyUndo: "Undo deleting",
  keyTurn: "Turn the page, or the selected pages",
  keyZoom: "Larger, smaller, whole page",
  keyHelp: "Show this",
};

/** @type {Speech<keyof typeof WORDS>} */
const speech = new Speech(WORDS);
const OTHERS = {
  de: () => import("./words/de.js"), es: () => import("./words/es.js"), fr: () => import("./words/fr.js"),
  ja: () => import("./words/ja.js"), zh: () => import("./words/zh.js"),
};
const language = /** @type {keyof typeof OTHERS} */ (document.documentElement.lang);
if (language in OTHERS) speech.learn(language, (await OTHERS[language]()).WORDS);

/**
 * Says a sentence with its values filled in.
 * @param {keyof typeof WORDS} word
 * @param {Record<string, string | number>} [values]
 */
export function say(word, values) {
  return speech.say(word, values);
}

/** Shortcuts as the help shows them: keys, then what they do. */
export const SHORTCUTS = /** @type {const} */ ([
  [["Ctrl", "Enter"], "keyScan"],
  [["Esc"], "keyEscape"],
  [["Ctrl", "S"], "keySave"],
  [["Ctrl", "P"], "keyPrint"],
  [["←", "→", "↑", "↓"], "keyGo"],
  [["Enter"], "keyOpen"],
  [["Space"], "keySelect"],
  [["Ctrl", "A"], "keyAll"],
  [["<"], "keyLeft"],
  [[">"], "keyRight"],
  [["Del"], "keyDelete"],
  [["Ctrl", "Z"], "keyUndo"],
  [["[", "]"], "keyTurn"],
  [["+", "-", "0"], "keyZoom"],
  [["?"], "keyHelp"],
]);

/**
 * How long pages are kept, in a sentence.
 * @param {number | null} seconds
 */
export function keptFor(seconds) {
  return seconds === null ? say("keptForEver") : say("keptHours", { count: Math.round(seconds / 3600) });
}

/**
 * A moment as people read it; `seconds` since 1970.
 * @param {number} seconds
 */
export function moment(seconds) {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(document.documentElement.lang === "en" ? undefined : document.documentElement.lang, today
    ? { hour: "2-digit", minute: "2-digit" }
    : { dateStyle: "medium", timeStyle: "short" });
}
