/** Every sentence the page says, in one place. */

const WORDS = {
  scan: "Scan",
  cancel: "Cancel",
  cancelling: "Stopping…",
  continue: "Continue",
  keep: "Keep pages",
  discard: "Discard",
  close: "Close",
  undo: "Undo",
  open: "Open",
  remove: "Delete",
  refresh: "Look for devices again",
  looking: "Looking for devices…",
  device: "Device",
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
  tryAgain: "Try again",

  noDevices: "No scanner found",
  noDevicesAdvice: "Connect it, switch it on, wake it up, then look again.",
  noDevicesPackages: "Scanners come with addons: {packages}. Install what is missing, then start sheetfed again.",
  sourceFailed: "{source} could not be asked: {title}",

  noPages: "Nothing scanned yet",
  noPagesAdvice: "Lay paper on the glass or into the feeder, then press Scan. Pages appear here as they come.",
  noPagesKey: "Ctrl+Enter scans.",
  opening: "Opening the document…",

  waiting: "Waiting for the device…",
  scanningPage: "Scanning page {number}",
  paused: "Waiting for you",
  pageArrived: "Page {number} arrived.",
  scanned: { one: "{count} page scanned.", other: "{count} pages scanned." },
  cancelled: { zero: "Cancelled.", one: "Cancelled. {count} complete page is kept.", other: "Cancelled. {count} complete pages are kept." },
  discarded: "The pages of this scan were discarded.",
  pausedElsewhere: "A scan in another document is waiting for you.",
  soFar: { zero: "", one: "{count} page of this scan is safe.", other: "{count} pages of this scan are safe." },

  stepsFailed: { one: "A step failed at one page", other: "Steps failed at {count} pages" },
  stepsFailedAbout: "The pages are kept as they were scanned.",
  stepFailed: "{name}, {step}: {title}. {detail}",
  somePage: "A page",
  andMore: { one: "and one more", other: "and {count} more" },

  pages: { zero: "No pages", one: "{count} page", other: "{count} pages" },
  page: "Page {number}",
  pageOpen: "Page {number}, open large",
  pageBack: "back",
  pageSelect: "Select page {number}",
  pageLeft: "Move page {number} to the left",
  pageRight: "Move page {number} to the right",
  pageDelete: "Delete page {number}",
  pageGone: "This page cannot be shown",
  moved: { one: "Page is now number {number}.", other: "{count} pages moved; the first is now number {number}." },
  deleted: { one: "Page {number} deleted.", other: "{count} pages deleted." },
  restored: { one: "Page is back.", other: "{count} pages are back." },
  selected: { one: "{count} page selected", other: "{count} pages selected" },
  selectNone: "Clear selection",
  moveLeft: "Move left",
  moveRight: "Move right",

  savePdf: "Save as PDF",
  saveSelectedPdf: "Save selected as PDF",
  saveMore: "More ways to save",
  saveTiff: "Save as TIFF",
  savePng: "Save as PNG pictures",
  saveJpeg: "Save as JPEG pictures",
  saving: "Saving…",
  saved: "{name} is saved.",
  savedMany: "{count} files are saved.",

  newDocument: "New",
  newDocumentTitle: "Start a new document; this one is kept",
  documents: "Documents",
  earlier: "Documents",
  noDocuments: "No documents yet.",
  moreDocuments: "Show more",
  untitled: "Untitled document",
  deleteDocument: "Delete “{title}”",
  deleteDocumentSure: "Delete for good?",
  pageDeletedElsewhere: "That page was deleted elsewhere; this is the document as it is now.",
  documentDeleted: "The open document was deleted.",
  documentGone: "That document is no longer here.",
  thisDocument: "open now",

  previous: "Previous page",
  next: "Next page",
  actualSize: "Actual size",
  fit: "Fit to the window",
  viewing: "Page {number} of {count}",
  pageFacts: "{width} × {height} pixels{dpi}, {size}",
  atDpi: " at {dpi} dpi",

  gone: "The service does not answer",
  goneAdvice: "Complete pages are safe. This page connects again by itself; if the service was stopped, start it with “sheetfed serve”.",
  back: "The service is back.",
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

  addonsNotReady: { one: "{count} addon is not ready", other: "{count} addons are not ready" },
  addons: "Addons",
  version: "sheetfed {version}",

  keys: "Keyboard shortcuts",
};

/** @typedef {keyof typeof WORDS} Word */

/**
 * Says a sentence with its values filled in; `count` chooses between one and many.
 * @param {Word} word
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(word, values = {}) {
  const entry = /** @type {string | {zero?: string, one: string, other: string}} */ (WORDS[word]);
  const text = typeof entry === "string" ? entry : form(entry, Number(values["count"]));
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * @param {{zero?: string, one: string, other: string}} forms
 * @param {number} count
 */
function form(forms, count) {
  if (count === 0 && forms.zero !== undefined) return forms.zero;
  return count === 1 ? forms.one : forms.other;
}

/** Shortcuts as the help shows them: keys, then what they do. */
export const SHORTCUTS = [
  [["Ctrl", "Enter"], "Scan, or continue a paused scan"],
  [["Esc"], "Cancel the scan; close what is open; clear the selection"],
  [["Ctrl", "S"], "Save as PDF"],
  [["←", "→", "↑", "↓"], "Go from page to page"],
  [["Enter"], "Open a page large"],
  [["Space"], "Select a page"],
  [["Ctrl", "A"], "Select all pages"],
  [["<"], "Move the page, or the selected pages, to the left"],
  [[">"], "Move the page, or the selected pages, to the right"],
  [["Del"], "Delete the page, or the selected pages"],
  [["Ctrl", "Z"], "Undo deleting"],
  [["?"], "Show this"],
];

/** Packages that bring devices: name, then what for. */
export const DEVICE_PACKAGES = [["sheetfed-sane", "scanners that SANE knows, on Linux and macOS"]];

/**
 * A number of bytes as people read it.
 * @param {number} bytes
 */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  const amount = bytes / 1000 ** power;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${units[power - 1]}`;
}

/**
 * A moment as people read it; `seconds` since 1970.
 * @param {number} seconds
 */
export function moment(seconds) {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(undefined, today
    ? { hour: "2-digit", minute: "2-digit" }
    : { dateStyle: "medium", timeStyle: "short" });
}
