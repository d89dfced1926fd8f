/** `<sheetfed-viewer>`: the pages of a document, to look at, arrange, correct and delete. */

import { Problem } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";
import { Ahead } from "./ahead.js";
import { OpenDocument } from "./document.js";
import { el, icon } from "./dom.js";
import { draggable } from "./drag.js";
import { Pages } from "./pages.js";
import { Pictures } from "./pictures.js";
import { Selection } from "./selection.js";
import { LOOK } from "./look.js";
import { menu } from "./menu.js";
import { Taking } from "./taking.js";
import { Toasts } from "./toasts.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Document} Document
 * @typedef {import("../events.js").Event} Happening
 * @typedef {{large: import("./large.js").Large, editing: import("./editing.js").Editing}} Sight
 */

/**
 * Give it a connection as `sheetfed` and call `show` with the id of a document. It follows the service's
 * events by itself, unless it has the attribute `fed`: then `hear` has to be called with each of them.
 *
 * Files that are dropped, pasted or opened come into the document, and make one where none is open.
 *
 * Events: `change` when the document is another one or changed, `select`, `files` when some came, with them
 * and the page that they are to stand before as detail (prevent its default to take them yourself),
 * `problem` with a Problem as detail, `deleted` when the document is, and `lost` when it was not there.
 */
export class SheetfedViewer extends HTMLElement {
  /** @type {[string, (before: string) => void][]} What else can be put in before a page: words, and what to do. */ inserts = [];
  selection = new Selection();
  #root = this.attachShadow({ mode: "open" });
  #bar = el("div", { class: "selection", id: "selection", part: "selection", role: "toolbar", "aria-label": say("selectedPages"), hidden: true });
  #table = el("section", { class: "table", part: "table", tabindex: "-1" },
    el("div", { class: "empty" }, el("slot", { name: "empty" }, el("h2", {}, say("noPages")), el("p", { class: "muted" }, say("noPagesAdvice")), el("button", { type: "button", onclick: () => this.open() }, say("openFiles")))));
  #input = el("input", { type: "file", multiple: true, hidden: true, "aria-label": say("openFiles"), onchange: () => this.#picked() });
  #before = /** @type {string | null} */ (null); // where what is opened comes to stand
  /** @type {Taking | null} */ #taking = null;
  /** @type {Ahead | null} */ #ahead = null;
  #toasts;
  /** @type {OpenDocument | null} */ #document = null;
  /** @type {Sheetfed | null} */ #sheetfed = null;
  /** @type {Pages | null} */ #pages = null;
  /** @type {Promise<Sight> | null} */ #sight = null;
  /** @type {Pictures | null} */ #pictures = null;
  #offered = false; // what can be done to pages is known
  /** @type {{ids: string[], take: () => void, end: () => void}[]} */ #undos = [];
  #left = new AbortController();

  constructor() {
    super();
    const toasts = el("div", { class: "toasts", part: "toasts", role: "status", "aria-live": "polite" });
    const live = el("p", { class: "unseen", role: "status", "aria-live": "polite" });
    this.#toasts = new Toasts(toasts, live);
    this.#root.adoptedStyleSheets = [LOOK];
    this.#root.append(this.#bar, this.#table, this.#input, toasts, live);
    this.addEventListener("paste", (event) => {
      const files = [...event.clipboardData?.files ?? []];
      if (!files.length) return;
      event.preventDefault();
      this.#receive(files, null);
    });
    this.selection.addEventListener("change", () => this.#drawSelection());
    this.addEventListener("keydown", (event) => { if (!this.hasAttribute("fed") && this.key(event)) event.preventDefault(); });
  }

  connectedCallback() {
    this.#left = new AbortController();
    this.#pages?.follow(this.#left.signal);
    this.#listen();
  }

  disconnectedCallback() {
    this.#left.abort();
    this.#document?.commit();
  }

  /** The connection to the service. */
  get sheetfed() {
    return this.#sheetfed;
  }

  set sheetfed(sheetfed) {
    if (!sheetfed || this.#sheetfed) return;
    this.#sheetfed = sheetfed;
    const pictures = this.#pictures = new Pictures(sheetfed);
    const open = this.#document = new OpenDocument(sheetfed);
    this.#pages = new Pages(this.#table, {
      document: open, selection: this.selection, pictures,
      deeds: { open: (id) => this.look(id), remove: (ids) => this.discard(ids), shift: (ids, by) => this.shift(ids, by) },
    });
    open.addEventListener("change", () => {
      this.#offer();
      this.#tell("change");
    });
    open.addEventListener("problem", (event) => this.#refused(/** @type {CustomEvent} */ (event).detail));
    open.addEventListener("lost", () => this.#tell("lost"));
    open.addEventListener("final", (event) => this.#finish(/** @type {CustomEvent} */ (event).detail));
    draggable(this.#table, {
      taken: (id) => (this.selection.has(id) ? this.chosen : [id]),
      drop: (ids, before) => this.place(ids, before),
      files: (files, before) => this.#receive(files, before),
    });
    this.#ahead = new Ahead({ document: open, pages: this.#pages, pictures });
    this.#taking = new Taking(sheetfed, open, this.#ahead, this.#toasts, (problem) => this.#tell("problem", problem));
    this.#pages.draw();
    if (!this.isConnected) return;
    this.#pages.follow(this.#left.signal);
    this.#listen();
  }

  /** The open document. */
  get document() {
    if (!this.#document) throw new Error("Set `sheetfed` first: sheetfed-viewer has no connection");
    return this.#document;
  }

  get pictures() {
    return this.#pictures;
  }

  /** Where notices are shown, instead of in the viewer itself. */
  set toasts(/** @type {Toasts} */ toasts) {
    this.#toasts = toasts;
  }

  /** The sheet that is in the scanner now, and how far it has come. */
  set coming(/** @type {import("./pages.js").Coming} */ coming) {
    if (this.#pages) this.#pages.coming = coming;
  }

  /** The first page of a file that comes in, while its pages are on their way. */
  get ahead() {
    if (!this.#ahead) throw new Error("Set `sheetfed` first: sheetfed-viewer has no connection");
    return this.#ahead;
  }

  /** Whether a page is looked at large. */
  get looking() {
    return this.#root.querySelector("dialog[open]") !== null;
  }

  /** The ids of the pages, in their order. */
  get order() {
    return this.#document?.pages.map((page) => page.id) ?? [];
  }

  /** The ids of the selected pages, in their order. */
  get chosen() {
    return this.selection.among(this.order);
  }

  /**
   * Opens a document, or none.
   * @param {string | null} id
   * @param {Document} [known]   the service's answer of this moment that tells of it
   */
  async show(id, known) {
    if (id !== this.document.id) this.selection.set([]);
    await this.document.open(id, known);
  }

  /** Reads afresh what may have changed while nobody listened. */
  async refresh() {
    await this.document.refresh();
  }

  /**
   * Takes what happened at the service.
   * @param {Happening} event
   */
  hear({ topic, data }) {
    const open = this.document;
    if (topic === "file") return this.#ahead?.hear(data);
    if (topic === "ready") return void this.refresh();
    if (topic === "document") open.note(data);
    if (open.id === null) return;
    if (topic === "page" && data.change === "added" && data.width) return open.add(data);
    if (topic !== "page" && topic !== "document") return;
    if (data.document !== open.id && data.id !== open.id) return;
    if (data.id === open.id && data.change === "deleted") this.#tell("deleted");
    else if (data.version === undefined || data.version > open.version) open.refreshSoon();
  }

  /**
   * Shows a page large.
   * @param {string} id
   */
  async look(id) {
    this.#offer();
    try {
      const { large } = await this.#held();
      large.open(id, (last) => this.#pages?.focus(last));
    } catch (problem) {
      this.#tell("problem", problem);
    }
  }

  /**
   * Lets the person choose files, whose pages come to stand before another one, or at the end.
   * @param {string | null} [before]
   */
  open(before = null) {
    this.#before = before;
    this.#input.click();
  }

  /**
   * Prints pages; without any, those that are selected, or all.
   * @param {string[]} [ids]
   */
  async print(ids = []) {
    const wanted = ids.length ? ids : this.chosen.length ? this.chosen : this.order;
    const pages = this.document.pages.filter(({ id }) => wanted.includes(id));
    if (!this.#sheetfed || !pages.length) return;
    this.#toasts.announce(say("printing"));
    const sheetfed = this.#sheetfed;
    await import("./printing.js").then(({ print }) => print(sheetfed, pages)).catch((problem) => this.#tell("problem", problem));
  }

  /**
   * Deletes pages; they can be brought back for a while.
   * @param {string[]} ids
   */
  discard(ids) {
    if (!ids.length) return false;
    const text = say("deleted", { count: ids.length, number: this.order.indexOf(ids[0] ?? "") + 1 });
    this.document.hide(ids);
    const forget = () => { this.#undos.splice(this.#undos.indexOf(entry), 1); };
    const notice = this.#toasts.toast(text, {
      action: { text: say("undo"), act: () => { forget(); this.#restore(ids); } },
      gone: () => { forget(); this.document.commit(ids); },
    });
    const entry = { ids, ...notice };
    this.#undos.push(entry);
    return true;
  }

  /** Brings back what was deleted last; false where nothing can be brought back. */
  undo() {
    const last = this.#undos.at(-1);
    last?.take();
    return last !== undefined;
  }

  /**
   * Moves pages one place back or on, as one block.
   * @param {string[]} ids
   * @param {-1 | 1} by
   */
  shift(ids, by) {
    if (!ids.length) return false;
    const order = this.order;
    const staying = order.filter((id) => !ids.includes(id));
    const first = order.findIndex((id) => ids.includes(id));
    const place = Math.max(0, Math.min(first + by, staying.length));
    this.place(ids, staying[place] ?? null);
    return true;
  }

  /**
   * Turns pages; what brings that is an addon, which is there unless somebody switched it off.
   * @param {string[]} ids
   * @param {number} angle   degrees, clockwise
   */
  turn(ids, angle) {
    if (!ids.length) return false;
    this.document.edit(ids, [{ name: "rotate", options: { angle } }]);
    return true;
  }

  /**
   * Moves pages to stand before another one, or to the end.
   * @param {string[]} ids
   * @param {string | null} before
   */
  place(ids, before) {
    this.document.move(ids, before);
    const number = this.order.findIndex((id) => ids.includes(id)) + 1;
    this.#toasts.announce(say("moved", { count: ids.length, number }));
  }

  /**
   * Does what a key is for; false where it is for nothing here.
   * @param {KeyboardEvent} event
   */
  key(event) {
    const { key } = event;
    const target = /** @type {Element} */ (event.composedPath()[0]);
    if (target.matches("input:not([type=checkbox]), select, textarea")) return false;
    const control = event.ctrlKey || event.metaKey;
    if (control && key.toLowerCase() === "z") return this.undo();
    if (this.looking) return false;
    if (control && key.toLowerCase() === "p") return this.order.length > 0 && (this.print(), true);
    const turning = control && event.shiftKey ? { ArrowLeft: -90, ArrowRight: 90 }[key] : { "[": -90, "]": 90 }[key];
    if (turning) return this.turn(this.#meant(), turning);
    if (control) {
      if (key.toLowerCase() !== "a") return false;
      this.selection.set(this.order);
      return true;
    }
    const on = this.#isRtl ? -1 : 1;
    if (key === "Delete") return this.discard(this.#meant());
    if (key === "<" || (event.altKey && key === "ArrowLeft")) return this.shift(this.#meant(), key === "<" || on > 0 ? -1 : 1);
    if (key === ">" || (event.altKey && key === "ArrowRight")) return this.shift(this.#meant(), key === ">" || on > 0 ? 1 : -1);
    if (key === " " && target.matches(".page .sheet")) return this.#toggle();
    if (/^(Arrow|Home$|End$)/.test(key)) return this.#go(/** @type {any} */ (key));
    if (key !== "Escape" || !this.selection.size) return false;
    this.selection.set([]);
    return true;
  }

  get #isRtl() {
    return getComputedStyle(this).direction === "rtl";
  }

  /** The pages that a key is meant for: the selected ones, else the one in focus. */
  #meant() {
    if (this.selection.size) return this.chosen;
    return this.#pages?.current ? [this.#pages.current] : [];
  }

  /** @param {Parameters<Pages["beside"]>[0]} key */
  #go(key) {
    if (!this.#pages?.current) return false;
    this.#pages.focus(this.#pages.beside(key));
    return true;
  }

  #toggle() {
    if (this.#pages?.current) this.selection.toggle(this.#pages.current);
    return true;
  }

  #picked() {
    this.#receive([...this.#input.files ?? []], this.#before);
    this.#input.value = "";
  }

  /**
   * @param {File[]} files
   * @param {string | null} before
   */
  #receive(files, before) {
    if (this.#tell("files", { files, before })) this.#taking?.take(files, before);
  }

  async #listen() {
    if (!this.#sheetfed || this.hasAttribute("fed")) return;
    const { signal } = this.#left;
    try {
      for await (const event of this.#sheetfed.events({ topics: ["page", "document", "file"], signal })) this.hear(event);
    } catch (problem) {
      if (!signal.aborted) this.#tell("problem", problem);
    }
  }

  /** @param {Problem} problem */
  #refused(problem) {
    if (problem.code === "not-found") this.#toasts.toast(say("pageDeletedElsewhere"));
    else this.#tell("problem", problem);
  }

  /**
   * Takes away the offers to bring these pages back.
   * @param {string[]} ids
   */
  #finish(ids) {
    for (const each of this.#undos.filter((undo) => undo.ids.some((id) => ids.includes(id)))) each.end();
  }

  /** @param {string[]} ids */
  #restore(ids) {
    this.document.restore(ids);
    this.#toasts.announce(say("restored", { count: ids.length }));
    this.#pages?.focus(ids[0] ?? "");
  }

  #drawSelection() {
    const bar = this.#bar;
    bar.hidden = this.selection.size === 0;
    this.#tell("select");
    if (bar.hidden) return;
    const focused = [...bar.children].indexOf(/** @type {Element} */ (this.#root.activeElement));
    const [back, on] = this.#isRtl ? [say("moveRight"), say("moveLeft")] : [say("moveLeft"), say("moveRight")];
    /** @type {[string, string, () => void][]} */
    const deeds = [
      ["left", back, () => this.shift(this.chosen, -1)],
      ["right", on, () => this.shift(this.chosen, 1)],
      ["turn-left", say("turnLeft"), () => this.turn(this.chosen, -90)],
      ["turn-right", say("turnRight"), () => this.turn(this.chosen, 90)],
      ["print", say("print"), () => this.print()],
      ["bin", say("remove"), () => this.discard(this.chosen)],
      ["close", say("selectNone"), () => this.selection.set([])],
    ];
    const [first = ""] = this.chosen;
    const insert = menu(say("insert"), [
      ...this.inserts.map(([text, act]) => /** @type {[string, () => void]} */ ([text, () => act(first)])),
      [say("insertFiles"), () => this.open(first)],
    ], "insert");
    insert.querySelector("summary")?.classList.add("quiet");
    const buttons = deeds.map(([drawing, text, act]) => el("button", {
      type: "button", class: "quiet", "aria-label": text, title: text, onclick: act,
    }, icon(drawing), el("span", { class: drawing === "bin" || drawing === "close" ? "label" : "label wide" }, text)));
    bar.replaceChildren(el("span", {}, say("selected", { count: this.selection.size })), ...buttons.slice(0, 2), insert, ...buttons.slice(2));
    if (focused > 0) /** @type {HTMLElement} */ (bar.children[focused])?.focus();
  }

  /** Asks what can be done to pages, once there are some that remember it; an older service has none. */
  #offer() {
    if (this.#offered || !this.document.pages.some((page) => page.edits)) return;
    this.#offered = true;
    this.#held().then(({ editing }) => editing.load()).catch(() => { this.#offered = false; });
  }

  /** What a page is held up large in; it is fetched once there are pages. */
  #held() {
    return this.#sight ??= Promise.all([import("./large.js"), import("./editing.js")]).then(([{ Large }, { Editing }]) => {
      const { document, pictures } = this;
      const sheetfed = /** @type {Sheetfed} */ (this.#sheetfed);
      const editing = new Editing({
        sheetfed, document, chosen: () => this.chosen, toasts: this.#toasts, tell: (problem) => this.#tell("problem", problem),
      });
      const large = new Large({
        sheetfed, document, pictures: /** @type {Pictures} */ (pictures), editing, remove: (id) => this.discard([id]), undo: () => this.undo(),
        print: (ids) => this.print(ids), room: { home: this.#root, toasts: this.#toasts },
      });
      return { large, editing };
    }).catch((error) => {
      this.#sight = null;
      throw error;
    });
  }

  /**
   * @param {"change" | "select" | "files" | "problem" | "deleted" | "lost"} name
   * @param {unknown} [detail]
   */
  #tell(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable: name === "files" }));
  }
}

customElements.define("sheetfed-viewer", SheetfedViewer);
