/** Puts the rooms of the page together. */

import { Problem } from "../client/index.js";
import "../client/elements/settings.js";
import "../client/elements/viewer.js";
import { el, icon } from "../client/elements/dom.js";
import { Camera } from "./camera.js";
import { Devices } from "./devices.js";
import { enter, knocks, lock } from "./door.js";
import { api, busy, entered, listed, offered, token } from "./early.js";
import { drawEmpty, welcomed } from "./first.js";
import { Importing } from "./importing.js";
import { listen, showKeys } from "./keys.js";
import { announce, banner, clear, tell, toast, toasts } from "./notices.js";
import { byId } from "./place.js";
import { Scan } from "./scan.js";
import { ScanButton } from "./scanbutton.js";
import { Sites } from "./sites.js";
import { Steps } from "./steps.js";
import { keptFor, say } from "./words.js";

const viewer = /** @type {import("../client/elements/viewer.js").SheetfedViewer} */ (byId("pages"));
viewer.toasts = toasts;
viewer.sheetfed = api;
const open = viewer.document;
const scan = new Scan(api);
const devices = new Devices(byId("device"), api);
const sites = new Sites(byId("sites"), api, (id) => devices.title(id));
const steps = new Steps(api);
const settings = /** @type {import("../client/elements/settings.js").SheetfedSettings} */ (byId("settings"));
settings.sheetfed = api;
settings.also = steps;
settings.append(steps.element);
const title = /** @type {HTMLInputElement} */ (byId("title"));
const button = new ScanButton(byId("scan"), scan, {
  start: () => start(), tell: tellScan, count: () => (elsewhere() ? scan.job?.pages ?? 0 : open.pages.length), here: () => open.id, show,
});
byId("actions").append(
  action("new", "plus", say("newDocument"), say("newDocumentTitle"), () => show(null)),
  action("documents", "folder", say("documents"), say("documents"), library));
const importing = new Importing(byId("actions"), { sheetfed: api, viewer, show: (made) => show(made.id, true, made) });
const camera = new Camera(byId("camera"), api, start);
let connected = true;
let promise = ""; // how long pages are kept
let version = ""; // of the service that this page came from
let soon = 0;
let again = 0;
/** @type {Map<string, string>} */ const titles = new Map(); // of documents, as typed: the service has yet to take them
/** @type {() => void} */ let jobsKnown;
const jobs = new Promise((resolve) => { jobsKnown = () => resolve(null); }); // of those that have a device, too
/** @type {typeof offered | null} */ let first = offered; // what the device offers that is chosen first

wire();
const left = new AbortController();
token.addEventListener("refused", leave);
/** @type {(rooms: ReturnType<typeof import("./later.js").furnish>) => void} */ let furnished;
/** @type {Promise<Parameters<typeof furnished>[0]>} */ const rest = new Promise((there) => { furnished = there; });
furnish().catch((error) => document.dispatchEvent(new CustomEvent("missing", { detail: { error, again: furnish } }))); // begin.js hears it
if (await entered && token.token()) begin();
else leave();

/** Does what needs a token. */
function begin() {
  devices.load({ asked: listed });
  follow();
}

/** Has the rooms come that nobody needs before they can scan. */
async function furnish() {
  const room = await import("./later.js");
  furnished(room.furnish({ sheetfed: api, viewer }));
}

/**
 * Acts once they are there; that they do not come is told elsewhere.
 * @template T
 * @param {(rooms: Awaited<typeof rest>) => T} act
 */
function later(act) {
  return rest.then(act);
}

function wire() {
  viewer.inserts = [[say("scanHere"), (before) => start(before)]];
  byId("help").addEventListener("click", showKeys);
  byId("fold").addEventListener("click", fold);
  viewer.addEventListener("change", drawHead);
  viewer.addEventListener("problem", (event) => tell(/** @type {CustomEvent} */ (event).detail));
  viewer.addEventListener("deleted", deleted);
  viewer.addEventListener("lost", lost);
  settings.addEventListener("problem", (event) => tell(/** @type {CustomEvent} */ (event).detail));
  devices.addEventListener("problem", (event) => tell(/** @type {CustomEvent} */ (event).detail));
  devices.addEventListener("choose", choose);
  scan.addEventListener("change", freeze);
  scan.addEventListener("end", ended);
  title.addEventListener("change", rename);
  title.addEventListener("keydown", (event) => { if (event.key === "Enter") title.blur(); });
  window.addEventListener("hashchange", turn);
  window.addEventListener("pagehide", () => open.commit());
  window.addEventListener("beforeunload", (event) => { if (titles.size) event.preventDefault(); });
  listen({
    scan: () => { if (!scan.running) button.press(); },
    escape, save: () => later(({ save }) => save.save("application/pdf")), key: (event) => viewer.key(event), busy: () => viewer.looking,
  });
  settings.load(null);
  drawHead();
}

/** Follows the address: to a document, or in by the door. */
async function turn() {
  if (!knocks()) return show(named(), false);
  const id = open.id;
  if (!await enter(token)) return leave();
  if (id !== null) history.replaceState(null, "", `/#${id}`);
  location.reload();
}

/** Nothing can be asked without a token. */
function leave() {
  left.abort();
  lock();
}

/**
 * A button of the document's bar; where there is little room its text is left out.
 * @param {string} id
 * @param {string} drawing
 * @param {string} text
 * @param {string} about
 * @param {() => void} act
 */
function action(id, drawing, text, about, act) {
  return el("button", { type: "button", class: "quiet", id, title: about, "aria-label": text, onclick: act },
    icon(drawing), el("span", { class: "label" }, text));
}

/** Shows or hides the settings where there is little room. */
function fold() {
  const folded = byId("fold").getAttribute("aria-expanded") === "false";
  byId("fold").setAttribute("aria-expanded", String(folded));
}

// What the service tells.

async function follow() {
  try {
    for await (const event of api.events({ down, signal: left.signal })) hear(event);
  } catch (problem) {
    if (!left.signal.aborted) tell(problem);
  }
}

/** @param {import("../client/events.js").Event} event */
function hear({ topic, data }) {
  if (topic === "job") devices.hear(data);
  if (topic === "ready") up();
  else if (topic === "job") scan.take(data);
  else if (topic === "round") later(({ finding }) => finding.hear(data));
  else if (topic === "device") devices.load();
  else if (topic === "site") sites.hear(data);
  else if (topic === "delivery") later(({ sending }) => sending.hear(data));
  else if (topic === "file" && data.document) later(({ save }) => save.hear(data));
  else viewer.hear({ id: "", topic, data });
  if (topic === "page" || topic === "document") aboutSoon();
  if (topic === "page" && data.change === "added" && data.document === open.id) {
    announce(say("pageArrived", { number: open.pages.length }));
  }
}

async function up() {
  if (!connected) toast(say("back"));
  connected = true;
  clear("gone");
  try {
    saveTitles();
    about();
    sites.refresh();
    steps.load().catch(tell);
    importing.load().catch(tell);
    later(({ save, sending, finding }) => Promise.all([save.load(), sending.load(), finding.refresh()]).catch(tell));
    await Promise.all([
      scan.find(named()).finally(jobsKnown),
      open.id === named() ? viewer.refresh() : open.open(named()),
    ]);
    devices.load();
    if (open.id === null && scan.job) await show(scan.job.document);
  } catch (problem) {
    tell(problem);
  }
}

/** Says again what is kept; many changes become one. */
function aboutSoon() {
  clearTimeout(soon);
  soon = setTimeout(about, 1_000);
}

function about() {
  later(({ showAbout }) => showAbout(byId("service"), api).then(keeping, () => undefined));
}

function down() {
  if (!connected) return;
  connected = false;
  banner("gone", { title: say("gone"), advice: say("goneAdvice"), close: false });
}

// Scanning.

async function choose() {
  const id = devices.chosen?.id ?? null;
  if (id === null || await busy.then((ids) => ids.has(id), () => true)) await jobs; // a device that a job has is asked for nothing
  if (id !== (devices.chosen?.id ?? null)) return; // another was chosen meanwhile
  button.enable(devices.chosen !== null);
  camera.show(devices.chosen).catch(tell);
  const known = first;
  first = null;
  await settings.load(id, known);
}

/** @param {string | null} [before]   the page that new ones come to stand before */
async function start(before = null) {
  const device = devices.chosen;
  const mistake = settings.mistake;
  if (!device) return;
  if (scan.running || scan.paused) return void toast(say("scanGoesOn")); // what goes on would be lost out of sight
  if (mistake) return mistake.focus();
  clear("problem");
  try {
    const { document } = await scan.start(settings.settled().then(() => ({
      device: device.id, ...joined(settings.wish, steps.wish, camera.wish), ...(open.id === null ? {} : { document: open.id, before }),
    })));
    if (document !== open.id) await show(document);
  } catch (problem) {
    if (problem instanceof Problem && problem.code === "not-found" && open.id !== null) await show(null);
    tell(problem);
  }
}

/**
 * What a job is asked: what is set, and what the camera above it asks besides.
 * @param {typeof settings.wish} set
 * @param {typeof steps.wish} taken
 * @param {typeof camera.wish} seen
 */
function joined(set, taken, seen) {
  const more = seen.steps.filter(({ name }) => !taken.steps.some((step) => step.name === name));
  return { ...set, ...taken, settings: { ...set.settings, ...seen.settings }, steps: [...more, ...taken.steps] };
}

/** @param {"cancel" | "continue" | "keep" | "discard"} verb */
async function tellScan(verb) {
  if (!scan.stopping) discarding = verb === "discard";
  await scan.tell(verb).catch((problem) => {
    discarding = false;
    tell(problem);
  });
}

let discarding = false;

function freeze() {
  const still = scan.running || scan.paused;
  devices.freeze(still);
  settings.still = still;
  camera.busy = still;
  expectSheet();
}

/** Whether the pages of the scan come into another document than the open one. */
function elsewhere() {
  return scan.job !== null && scan.job.document !== open.id;
}

/** Shows the sheet that is in the scanner, where its page will be. */
function expectSheet() {
  viewer.coming = scan.running && !scan.stopping && !elsewhere() ? { done: scan.job?.done ?? null } : null;
}

function ended() {
  const { state, pages: count, error } = scan.job ?? { state: "done", pages: 0, error: null };
  if (scan.job?.document === open.id) open.refreshSoon();
  const word = state === "cancelled" ? "cancelled" : "scanned";
  const parts = scan.job?.documents.length ?? 0;
  if (discarding) toast(say("discarded"));
  else if (state === "failed" && error) tell(new Problem(error));
  else toast([say(word, { count }), parts > 1 ? say("parted", { count: parts }) : ""].filter(Boolean).join(" "));
  discarding = false;
  welcomed();
  if (scan.job?.problems?.length) lapsed(scan.job).catch(tell);
}

/** @param {import("../client/shapes.js").Job} job */
async function lapsed(job) {
  if (job.document === open.id) await open.refresh();
  await later(({ showProblems }) => showProblems(job, viewer));
}

// The document.

/** The document that the address names. */
function named() {
  return location.hash.slice(1) || null;
}

/**
 * Opens a document, or none.
 * @param {string | null} id
 * @param {boolean} [write]   whether the address is to follow
 * @param {import("../client/shapes.js").Document} [known]   what the service just said of it
 */
async function show(id, write = true, known = undefined) {
  if (write && id !== named()) history.replaceState(null, "", id === null ? "/" : `/#${id}`);
  await viewer.show(id, known);
}

/** The open document was deleted, here or elsewhere; an empty one goes without a word. */
function deleted() {
  if (open.pages.length && !discarding) toast(say("documentDeleted"));
  show(null);
}

/** The open document is not there. */
function lost() {
  toast(say("documentGone"));
  show(null);
}

/** Gives the open document the title that was typed. */
async function rename() {
  const typed = title.value.trim();
  if (open.id === null || typed === (titles.get(open.id) ?? open.title)) return;
  titles.set(open.id, typed);
  await saveTitles();
  if (titles.size) toast(say("titleWaits"));
}

/** Has the service take titles; while it does not answer they stay as they were typed, and it is asked again. */
async function saveTitles() {
  clearTimeout(again);
  for (const [id, typed] of titles) {
    try {
      const made = await api.describeDocument(id, { title: typed });
      if (titles.get(id) === typed) titles.delete(id);
      if (open.id === id) await open.refresh(made);
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "service-gone") {
        if (connected) again = setTimeout(saveTitles, 3_000); // else that is done when it is back
        return;
      }
      titles.delete(id);
      tell(problem);
    }
  }
  drawHead();
}

function library() {
  later(({ showLibrary }) => showLibrary(api, open.id, { choose: show, gone: (id) => { if (id === open.id) deleted(); } }));
}

/**
 * Says how long pages are kept, where there are none, and whether this page is the service's still.
 * @param {{retention: number | null, version: string}} status
 */
function keeping({ retention, version: now }) {
  promise = keptFor(retention);
  drawHead();
  version ||= now;
  if (now === version) return clear("replaced");
  banner("replaced", {
    kind: "wait", title: say("replaced", { version: now }), detail: say("replacedAbout"),
    actions: [{ text: say("reload"), main: true, act: () => location.reload() }],
  });
}

function drawHead() {
  button.draw();
  expectSheet();
  drawEmpty(promise, open.opening || (open.id === null && named() !== null && !knocks()));
  const count = open.pages.length;
  if (document.activeElement !== title) title.value = titles.get(open.id ?? "") ?? open.title;
  title.disabled = open.id === null;
  byId("count").textContent = open.id === null ? "" : say("pages", { count });
  document.title = open.title ? `${open.title} – sheetfed` : "sheetfed";
}

/** Cancels the scan, or leaves what the viewer is at. */
function escape() {
  if (!scan.running) return false;
  tellScan("cancel");
  return true;
}
