/** What can be done to a page: turned, cut, brightened, undone; seen while it is set. */

import { Problem } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";
import { control } from "./controls.js";
import { cornersOf, written } from "./corners.js";
import { OpenDocument } from "./document.js";
import { el, tool } from "./dom.js";
import { Stage } from "./stage.js";
import { translated } from "./told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Settings} Settings
 * @typedef {import("../shapes.js").EditOffer} EditOffer
 */

const REGION = /** @type {const} */ (["left", "top", "width", "height"]);
const AT_ONCE = 30; // pages
const PAUSE = 120; // milliseconds that a slider rests before the page is drawn anew

/** The tools over a page, and the panel of the edit that is being set. */
export class Editing {
  panel = el("section", { class: "edit-panel", hidden: true });
  /** Shows the page alone: what is set is set on one. */
  alone = () => {};
  /** Is told when what can be done is known. */
  known = () => {};
  #sheetfed;
  #document;
  #tell;
  #chosenPages;
  #toasts;
  /** @type {Stage | null} */ #stage = null;
  /** @type {Page | null} */ #page = null;
  /** @type {EditOffer[]} */ #offers = [];
  /** @type {EditOffer | null} */ #open = null;
  /** @type {Settings} */ #chosen = {};
  #tried = untried(); // of the edit that is being set
  #again = false; // an edit that the page had before is being set
  #timer = 0;
  #asking = 0; // changes that are not answered yet
  /** @type {Promise<unknown>} */ #last = Promise.resolve();
  #undo = tool("undo", `${say("undo")} (Ctrl+Z)`, () => this.#step("undoPage"));
  #redo = tool("redo", `${say("redo")} (Ctrl+Y)`, () => this.#step("redoPage"));
  #more = el("select", { class: "edits", "aria-label": say("edit"), onchange: () => this.#choose(this.#more.value) });

  /** @type {{end: () => void} | null} */ #offered = null; // to take back what was done to many pages

  /**
   * @param {{sheetfed: Sheetfed, document: OpenDocument, chosen: () => string[], toasts: import("./toasts.js").Toasts,
   *   tell: (problem: unknown) => void}} rooms   `chosen`: the selected pages
   */
  constructor({ sheetfed, document, chosen, toasts, tell }) {
    this.#sheetfed = sheetfed;
    this.#document = document;
    this.#chosenPages = chosen;
    this.#toasts = toasts;
    this.#tell = tell;
  }

  /** Asks what can be done; without an answer nothing is offered. */
  async load() {
    const { items } = await this.#sheetfed.listEdits();
    this.#offers = items;
    this.known();
  }

  set stage(/** @type {Stage} */ stage) {
    this.#stage = stage;
    stage.addEventListener("region", () => this.#regionChosen());
    stage.corners.addEventListener("change", () => this.#cornersChosen());
  }

  set page(/** @type {Page} */ page) {
    this.#page = page;
    const { edits = [], edited = 0 } = page;
    if (edited === 0) this.#leaveFocus(this.#undo);
    if (edited >= edits.length) this.#leaveFocus(this.#redo);
    this.#undo.disabled = edited === 0;
    this.#redo.disabled = edited >= edits.length;
  }

  /** The tools, as far as installed addons bring what they do. */
  tools() {
    if (!this.#offers.length) return [];
    this.#more.replaceChildren(el("option", { value: "" }, say("edit")),
      ...this.#offers.map(({ name, title }) => el("option", { value: name }, translated(title))));
    const offered = (/** @type {string} */ name) => this.#offers.some((each) => each.name === name);
    return [
      ...(offered("rotate") ? [
        tool("turn-left", `${say("turnLeft")} ([)`, () => this.#rotate(-90)),
        tool("turn-right", `${say("turnRight")} (])`, () => this.#rotate(90)),
      ] : []),
      ...(offered("crop") ? [tool("crop", say("crop"), () => this.#choose("crop"))] : []),
      this.#more, this.#undo, this.#redo,
    ];
  }

  /**
   * Does what a key is for; false where it is for nothing here.
   * @param {KeyboardEvent} event
   */
  key(event) {
    const key = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    if (key === "[" || (control && event.shiftKey && key === "arrowleft")) this.#rotate(-90);
    else if (key === "]" || (control && event.shiftKey && key === "arrowright")) this.#rotate(90);
    else if (control && (key === "y" || (key === "z" && event.shiftKey))) this.#step("redoPage");
    else if (control && key === "z" && (this.#asking || !this.#undo.disabled)) this.#step("undoPage");
    else return false;
    return true;
  }

  /** Leaves the edit that is being set, undone; false where none is. */
  leave() {
    if (!this.#open) return false;
    const [tried, again] = [this.#tried, this.#again];
    this.#close();
    if (tried.asked) this.#ask(async (page) => (tried.on ? this.#sheetfed.undoPage(page).catch(unlessNone) : null));
    else if (again) this.#turn("redoPage");
    return true;
  }

  /** @param {number} angle */
  #rotate(angle) {
    this.leave();
    this.#ask((page) => this.#sheetfed.editPage(page, [{ name: "rotate", options: { angle } }]));
  }

  /**
   * Undoes, or does again: first what is being set, so that nothing else takes its place.
   * @param {"undoPage" | "redoPage"} verb
   */
  #step(verb) {
    if (!this.leave()) this.#turn(verb);
  }

  /** @param {"undoPage" | "redoPage"} verb */
  #turn(verb) {
    this.#ask((page) => this.#sheetfed[verb](page).catch(unlessNone));
  }

  /**
   * Opens the panel of an edit.
   * @param {string} name
   */
  #choose(name) {
    this.leave();
    this.#more.value = "";
    const offer = this.#offers.find((each) => each.name === name);
    if (!offer || !this.#stage || !this.#page) return;
    this.alone();
    this.#open = offer;
    this.#chosen = {};
    this.#tried = untried();
    this.#again = false;
    const corners = offer.options.find(({ kind }) => kind === "corners");
    const region = REGION.every((each) => offer.options.some((option) => option.name === each));
    this.panel.replaceChildren(el("h3", {}, translated(offer.title)),
      region || corners ? el("p", { class: "muted small" }, say(region ? "drawRegion" : "dragCorners")) : "",
      ...offer.options.filter((option) => option !== corners && !(region && isRegion(option.name))).map((option) => this.#control(option)),
      el("div", { class: "panel-actions" },
        el("button", { type: "button", class: "main", onclick: () => this.#apply() }, say("apply")),
        el("button", { type: "button", onclick: () => this.leave() }, say("cancel")),
        !corners && this.#forMany(offer)));
    this.panel.hidden = false;
    if (corners) return this.#frame(offer, corners.name);
    if (!region) return this.#preview();
    this.#stage.choosing = true;
    const { width, height } = this.#page;
    const inset = Math.round(Math.min(width, height) / 10);
    this.#stage.offer({ left: inset, top: inset, width: width - 2 * inset, height: height - 2 * inset });
  }

  /** @param {import("../shapes.js").Option} option */
  #control(option) {
    const pages = option.kind !== "page" ? option.choices
      : this.#document.pages.map(({ id }, index) => ({ value: id, title: say("page", { number: index + 1 }) }));
    const made = control({ ...option, choices: pages }, (value) => {
      this.#chosen = { ...this.#chosen, [option.name]: value };
      this.#preview();
    }, "edit");
    made.show(this.#before[option.name] ?? option.default);
    return made.element;
  }

  /** What the last edit of the page was asked, where that is set anew; others come on top of it. */
  get #before() {
    const { edits = [], edited = 0 } = this.#page ?? {};
    const last = edits[edited - 1];
    return last && last.name === this.#open?.name && hasCorners(this.#open) ? last.options : {};
  }

  /**
   * Shows corners to be dragged, on the page as it is without the edit: those that it has, or those that
   * are found.
   * @param {EditOffer} offer
   * @param {string} name   of the option that holds them
   */
  async #frame(offer, name) {
    const stage = this.#stage;
    const before = this.#before;
    this.#again = name in before;
    this.#chosen = { ...before };
    /** @type {unknown} */ let found = before[name];
    const done = await this.#ask(async (page) => {
      if (!this.#again) {
        const { edits, edited } = await this.#sheetfed.editPage(page, [{ name: offer.name }]);
        found = edits[edited - 1]?.options[name];
      }
      return this.#sheetfed.undoPage(page);
    });
    const points = cornersOf(found);
    if (!stage || this.#open !== offer || !points) return;
    if (!done) return this.#close();
    stage.choosing = true;
    stage.corners.show(points);
    this.#cornersChosen();
  }

  #cornersChosen() {
    const points = this.#stage?.corners.points;
    const option = this.#open?.options.find(({ kind }) => kind === "corners");
    if (points && option) this.#chosen = { ...this.#chosen, [option.name]: written(points) };
  }

  #regionChosen() {
    const region = this.#stage?.region;
    if (this.#open && region) this.#chosen = { ...this.#chosen, ...region };
  }

  /** Draws the page as it would be, once the hand rests; a region is seen without. */
  #preview() {
    if (this.#stage?.region || (this.#open && hasCorners(this.#open))) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#timer = 0; this.#put(); }, PAUSE);
  }

  /** Puts the edit on the page, in place of what was tried before. */
  #put() {
    const offer = this.#open;
    if (!offer) return;
    const [options, tried] = [this.#chosen, this.#tried];
    tried.asked = true;
    this.#ask(async (page) => {
      // asked in its turn: where the one before was refused, the last edit is another's
      const changed = await this.#sheetfed.editPage(page, [{ name: offer.name, options }], { replace: tried.on });
      tried.on = true;
      return changed;
    });
  }

  /**
   * The button that does the same to the selected pages, or to all.
   * @param {EditOffer} offer
   */
  #forMany(offer) {
    const { pages } = this.#document;
    const here = this.#page?.id ?? "";
    const chosen = this.#chosenPages();
    const selected = chosen.length > 1 && chosen.includes(here);
    const ids = selected ? chosen : pages.map(({ id }) => id);
    if (ids.length < 2) return false;
    const words = say(selected ? "applyChosen" : "applyAll", { count: ids.length });
    return el("button", { type: "button", onclick: () => {
      const options = this.#chosen;
      this.#apply();
      this.#last = this.#last.then((done) => done && this.#spread(offer, options, [here, ...ids.filter((id) => id !== here)]));
    } }, words);
  }

  /**
   * Does to others what the first page has, and tells how far it is.
   * @param {EditOffer} offer
   * @param {Settings} options
   * @param {string[]} ids
   */
  async #spread(offer, options, ids) {
    const name = translated(offer.title);
    let done = 1;
    while (done < ids.length) {
      const told = this.#toasts.toast(say("applying", { name, done, count: ids.length }));
      const good = await this.#document.edit(ids.slice(done, done + AT_ONCE), [{ name: offer.name, options }]);
      told.end();
      if (!good) break;
      done += AT_ONCE;
    }
    const changed = ids.slice(0, done);
    this.#offered = this.#toasts.toast(say("applied", { name, count: changed.length }), {
      action: { text: say("undo"), act: () => { this.#last = this.#last.then(() => this.#document.undo(changed)); } },
    });
  }

  #apply() {
    const stale = this.#stage?.region || !this.#tried.asked || this.#timer;
    if (stale) this.#put();
    this.#close();
  }

  #close() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#open = null;
    this.#again = false;
    this.#leaveFocus(this.panel);
    this.panel.hidden = true;
    if (this.#stage) this.#stage.choosing = false;
  }

  /**
   * Gives the focus to the page, where it is in what is about to go: keys are heard inside only.
   * @param {HTMLElement} element
   */
  #leaveFocus(element) {
    if (element.matches(":focus-within")) this.#stage?.element.focus({ preventScroll: true });
  }

  /**
   * Asks for a change of the page that is shown, after all earlier ones.
   * @param {(page: string) => Promise<Page | null>} question   null where nothing was to be changed
   * @returns {Promise<boolean>} whether it was done
   */
  #ask(question) {
    const page = this.#page;
    if (!page) return Promise.resolve(false);
    this.#offered?.end();
    this.#asking += 1;
    const answer = this.#last.then(() => question(page.id)).then((changed) => {
      if (changed) this.#document.renew(changed);
      return true;
    }, (problem) => {
      this.#tell(problem);
      return false;
    }).finally(() => { this.#asking -= 1; });
    this.#last = answer;
    return answer;
  }
}

/** Whether an edit was asked for while it was being set, and whether the page has it. */
function untried() {
  return { asked: false, on: false };
}

/**
 * There may be nothing to undo: another tab was quicker.
 * @param {unknown} problem
 */
function unlessNone(problem) {
  if (problem instanceof Problem && problem.code === "conflict") return null;
  throw problem;
}

/** @param {EditOffer} offer */
function hasCorners(offer) {
  return offer.options.some(({ kind }) => kind === "corners");
}

/** @param {string} name */
function isRegion(name) {
  return REGION.some((each) => each === name);
}
