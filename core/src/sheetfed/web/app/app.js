/** Puts the rooms of the page together. */

import { showAbout } from "./about.js";
import { Api, Problem } from "./api.js";
import { Devices } from "./devices.js";
import { OpenDocument } from "./document.js";
import { byId, el, icon } from "./dom.js";
import { enter, knocks, lock } from "./door.js";
import { draggable } from "./drag.js";
import { Events } from "./events.js";
import { listen, showKeys } from "./keys.js";
import { showLibrary } from "./library.js";
import { announce, banner, clear, tell, toast } from "./notices.js";
import { Pages } from "./pages.js";
import { Pictures } from "./pictures.js";
import { showProblems } from "./problems.js";
import { Save } from "./save.js";
import { Scan } from "./scan.js";
import { ScanButton } from "./scanbutton.js";
import { Selection } from "./selection.js";
import { SettingsForm } from "./settings.js";
import { Sites } from "./sites.js";
import { Token } from "./token.js";
import { Viewer } from "./viewer.js";
import { say } from "./words.js";

const token = new Token();
const api = new Api(token);
const pictures = new Pictures(api);
const selection = new Selection();
const scan = new Scan(api);
const open = new OpenDocument(api);
const devices = new Devices(byId("device"), api);
const sites = new Sites(byId("sites"), api, (id) => devices.title(id));
const settings = new SettingsForm(byId("settings"), api);
const viewer = new Viewer(open, pictures, (id) => remove([id]));
const title = /** @type {HTMLInputElement} */ (byId("title"));
const button = new ScanButton(byId("scan"), scan, {
  start, tell: tellScan, count: () => open.pages.length, here: () => open.id, show,
});
const pages = new Pages(byId("pages"), {
  document: open, scan, selection, pictures, deeds: { open: look, remove, shift },
});
/** @type {{ids: string[], take: () => void, end: () => void}[]} */
const undos = [];
let connected = true;

wire();
const events = new Events(api, { event: hear, up, down });
token.addEventListener("refused", leave);
if (await enter(api, token)) events.follow();
else leave();

function wire() {
  byId("help").append(icon("keys"));
  byId("help").addEventListener("click", showKeys);
  byId("fold").append(say("settings"), icon("down"));
  byId("fold").addEventListener("click", fold);
  byId("actions").append(
    action("new", "plus", say("newDocument"), say("newDocumentTitle"), () => show(null)),
    action("documents", "folder", say("documents"), say("documents"), library));
  const save = new Save(byId("actions"), { api, document: open, selection });
  open.addEventListener("change", drawHead);
  open.addEventListener("change", () => button.draw());
  open.addEventListener("problem", (event) => refused(/** @type {CustomEvent} */ (event).detail));
  open.addEventListener("lost", lost);
  open.addEventListener("final", (event) => finish(/** @type {CustomEvent} */ (event).detail));
  selection.addEventListener("change", drawSelection);
  settings.addEventListener("problem", (event) => tell(/** @type {CustomEvent} */ (event).detail));
  devices.addEventListener("problem", (event) => tell(/** @type {CustomEvent} */ (event).detail));
  devices.addEventListener("choose", choose);
  scan.addEventListener("change", freeze);
  scan.addEventListener("end", ended);
  title.addEventListener("change", () => open.rename(title.value.trim()));
  title.addEventListener("keydown", (event) => { if (event.key === "Enter") title.blur(); });
  draggable(byId("pages"), (id) => (selection.has(id) ? chosen() : [id]), move);
  window.addEventListener("hashchange", turn);
  window.addEventListener("pagehide", () => open.commit());
  listen({
    scan: () => { if (!scan.running) button.press(); },
    escape, undo, save: () => save.save("application/pdf"),
    selectAll: () => selection.set(order()),
    go, select, remove: () => remove(meant()), shift: (by) => shift(meant(), by),
  });
  settings.load(null);
  pages.draw();
  drawHead();
}

/** Follows the address: to a document, or in by the door. */
async function turn() {
  if (!knocks()) return show(named(), false);
  const id = open.id;
  if (!await enter(api, token)) return leave();
  if (id !== null) history.replaceState(null, "", `#${id}`);
  location.reload();
}

/** Nothing can be asked without a token. */
function leave() {
  events.stop();
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

/** @param {import("./events.js").Event} event */
function hear({ topic, data }) {
  if (topic === "job") scan.take(data);
  else if (topic === "page" && data.change === "added" && data.width) arrived(data);
  else if (topic === "page" || topic === "document") changed(data);
  else if (topic === "device") devices.load();
  else if (topic === "site") sites.hear(data);
}

/** @param {import("./api.js").Page} page */
function arrived(page) {
  if (page.document !== open.id) return;
  open.add(page);
  announce(say("pageArrived", { number: open.pages.length }));
}

/** @param {any} data */
function changed(data) {
  const { id, document, change, version } = data;
  if (open.id === null || (document !== open.id && id !== open.id)) return;
  if (id === open.id && change === "deleted") deleted();
  else if (version === undefined || version > open.version) open.refreshSoon();
}

async function up() {
  if (!connected) toast(say("back"));
  connected = true;
  clear("gone");
  try {
    showAbout(byId("service"), api).catch(() => undefined);
    sites.refresh();
    await open.open(named());
    await Promise.all([open.refresh(), scan.find(open.id)]);
    devices.load();
    if (open.id === null && scan.job) await show(scan.job.document);
  } catch (problem) {
    tell(problem);
  }
}

function down() {
  if (!connected) return;
  connected = false;
  banner("gone", { title: say("gone"), advice: say("goneAdvice"), close: false });
}

// Scanning.

async function choose() {
  button.enable(devices.chosen !== null);
  await settings.load(devices.chosen?.id ?? null);
}

async function start() {
  const device = devices.chosen;
  const mistake = settings.mistake;
  if (!device) return;
  if (mistake) return mistake.focus();
  clear("problem");
  try {
    const { document } = await scan.start(settings.settled().then(() => ({
      device: device.id, ...settings.wish, ...(open.id === null ? {} : { document: open.id }),
    })));
    if (document !== open.id) await show(document);
  } catch (problem) {
    if (problem instanceof Problem && problem.code === "not-found" && open.id !== null) await show(null);
    tell(problem);
  }
}

/** @param {"cancel" | "continue" | "keep" | "discard"} verb */
async function tellScan(verb) {
  discarding = verb === "discard";
  await scan.tell(verb).catch(tell);
}

let discarding = false;

function freeze() {
  const still = scan.running || scan.paused;
  devices.freeze(still);
  settings.freeze(still);
}

function ended() {
  const { state, pages: count, error } = scan.job ?? { state: "done", pages: 0, error: null };
  if (scan.job?.document === open.id) open.refreshSoon();
  const word = state === "cancelled" ? "cancelled" : "scanned";
  if (discarding) toast(say("discarded"));
  else if (state === "failed" && error) tell(new Problem(error));
  else toast(say(word, { count }));
  discarding = false;
  if (scan.job?.problems?.length) lapsed(scan.job).catch(tell);
}

/** @param {import("./api.js").Job} job */
async function lapsed(job) {
  if (job.document === open.id) await open.refresh();
  showProblems(job, open.pages, pictures, look);
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
 */
async function show(id, write = true) {
  if (write && id !== named()) history.replaceState(null, "", id === null ? location.pathname : `#${id}`);
  selection.set([]);
  await open.open(id);
  button.draw();
}

/** @param {Problem} problem */
function refused(problem) {
  if (problem.code === "not-found") toast(say("pageDeletedElsewhere"));
  else tell(problem);
}

function lost() {
  toast(say("documentGone"));
  show(null);
}

/** The open document was deleted, here or elsewhere; an empty one goes without a word. */
function deleted() {
  if (open.pages.length && !discarding) toast(say("documentDeleted"));
  show(null);
}

function library() {
  showLibrary(api, open.id, { choose: show, gone: (id) => { if (id === open.id) deleted(); } });
}

function drawHead() {
  const count = open.pages.length;
  if (document.activeElement !== title) title.value = open.title;
  title.disabled = open.id === null;
  byId("count").textContent = open.id === null ? "" : say("pages", { count });
  document.title = open.title ? `${open.title} – sheetfed` : "sheetfed";
}

// The pages.

function order() {
  return open.pages.map((page) => page.id);
}

function chosen() {
  return selection.among(order());
}

/** The pages that a key is meant for: the selected ones, else the one in focus. */
function meant() {
  if (selection.size) return chosen();
  return pages.current ? [pages.current] : [];
}

/** @param {string} id */
function look(id) {
  viewer.open(id, (last) => pages.focus(last));
}

/** @param {string[]} ids */
function remove(ids) {
  if (!ids.length) return false;
  const text = say("deleted", { count: ids.length, number: order().indexOf(ids[0] ?? "") + 1 });
  open.hide(ids);
  const notice = toast(text, {
    action: { text: say("undo"), act: () => { forget(); restore(ids); } },
    gone: () => { forget(); open.commit(ids); },
  });
  const entry = { ids, ...notice };
  undos.push(entry);
  function forget() {
    undos.splice(undos.indexOf(entry), 1);
  }
  return true;
}

/**
 * Takes away the offers to bring these pages back.
 * @param {string[]} ids
 */
function finish(ids) {
  for (const each of undos.filter((undo) => undo.ids.some((id) => ids.includes(id)))) each.end();
}

/** @param {string[]} ids */
function restore(ids) {
  open.restore(ids);
  announce(say("restored", { count: ids.length }));
  pages.focus(ids[0] ?? "");
}

function undo() {
  undos.at(-1)?.take();
}

/**
 * Moves pages one place to the left or right, as one block.
 * @param {string[]} ids
 * @param {-1 | 1} by
 */
function shift(ids, by) {
  if (!ids.length) return false;
  const staying = order().filter((id) => !ids.includes(id));
  const first = order().findIndex((id) => ids.includes(id));
  const place = Math.max(0, Math.min(first + by, staying.length));
  move(ids, staying[place] ?? null);
  return true;
}

/**
 * @param {string[]} ids
 * @param {string | null} before
 */
function move(ids, before) {
  open.move(ids, before);
  const number = order().findIndex((id) => ids.includes(id)) + 1;
  announce(say("moved", { count: ids.length, number }));
}

/** @param {any} key */
function go(key) {
  if (!pages.current) return false;
  pages.focus(pages.beside(key));
  return true;
}

function select() {
  if (pages.current) selection.toggle(pages.current);
  return true;
}

function escape() {
  if (scan.running) tellScan("cancel");
  else if (selection.size) selection.set([]);
  else return false;
  return true;
}

function drawSelection() {
  const bar = byId("selection");
  const shown = selection.size > 0;
  bar.hidden = !shown;
  if (!shown) return;
  const focused = bar.contains(document.activeElement) ? [...bar.children].indexOf(/** @type {Element} */ (document.activeElement)) : -1;
  /** @type {[string, string, () => void][]} */
  const deeds = [
    ["left", say("moveLeft"), () => shift(chosen(), -1)],
    ["right", say("moveRight"), () => shift(chosen(), 1)],
    ["bin", say("remove"), () => remove(chosen())],
    ["close", say("selectNone"), () => selection.set([])],
  ];
  bar.replaceChildren(el("span", {}, say("selected", { count: selection.size })),
    ...deeds.map(([drawing, text, act]) => el("button", { type: "button", class: "quiet", onclick: act }, icon(drawing), text)));
  if (focused > 0) /** @type {HTMLElement} */ (bar.children[focused])?.focus();
}
