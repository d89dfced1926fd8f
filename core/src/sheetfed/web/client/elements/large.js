/** Pages large, one at a time or all below one another, with what can be done to them. */

import { openIn } from "./dialogs.js";
import { OpenDocument } from "./document.js";
import { el, tool } from "./dom.js";
import { Editing } from "./editing.js";
import { Findings } from "./findings.js";
import { Lettering } from "./lettering.js";
import { recall, remember } from "./memory.js";
import { Pictures } from "./pictures.js";
import { Roll } from "./roll.js";
import { Sheetfed } from "../sheetfed.js";
import { Stage } from "./stage.js";
import { Text } from "./text.js";
import { say, size } from "./words.js";

/** @typedef {import("../shapes.js").Page} Page */

const VIEW = "view";

/** A window onto the open document. */
export class Large {
  #document;
  #remove;
  #undo;
  #print;
  #room;
  #id = "";
  #place = 0;
  /** @type {HTMLDialogElement | null} */ #dialog = null;
  #stage;
  #roll;
  #rolling = false; // all pages below one another
  #both = toggle("roll", say("continuous"), () => this.#turn(!this.#rolling, true));
  #findings;
  #text;
  #editing;
  #facts = el("p", { class: "facts", dir: "auto" });
  #percent = el("output", { class: "percent" });

  /**
   * @param {{sheetfed: Sheetfed, document: OpenDocument, pictures: Pictures, editing: Editing, remove: (id: string) => void,
   *   undo: () => boolean, print: (ids: string[]) => void, room: import("./dialogs.js").Room}} rooms
   */
  constructor({ sheetfed, document, pictures, editing, remove, undo, print, room }) {
    this.#document = document;
    this.#remove = remove;
    this.#undo = undo;
    this.#print = print;
    this.#room = room;
    this.#editing = editing;
    this.#stage = new Stage(pictures);
    this.#findings = new Findings({ point: (index) => this.#sight.point(index) }, room.toasts);
    const lettering = new Lettering(sheetfed);
    this.#roll = new Roll(pictures, lettering);
    this.#text = new Text({ sheetfed, document, stage: this.#stage, lettering, go: (id) => this.#find(id) });
    editing.stage = this.#stage;
    editing.alone = () => this.#turn(false, false);
    editing.known = () => this.#both.after(...editing.tools());
    for (const sight of [this.#stage, this.#roll]) sight.addEventListener("zoom", () => this.#name());
    this.#roll.addEventListener("page", () => {
      this.#id = this.#roll.id;
      this.#about();
    });
    this.#stage.addEventListener("lost", () => { this.#facts.textContent = say("pageGone"); });
    document.addEventListener("change", () => this.#follow());
  }

  /**
   * Shows a page until the window is closed.
   * @param {string} id
   * @param {(id: string) => void} closed   told which page was shown last
   */
  open(id, closed) {
    this.#id = id;
    const tools = el("div", { class: "toolbar", role: "toolbar", part: "toolbar", "aria-label": say("tools") },
      tool("minus", say("zoomOut"), () => this.#sight.step(-1)),
      this.#percent,
      tool("plus", say("zoomIn"), () => this.#sight.step(1)),
      tool("whole", say("fit"), () => this.#sight.set("page")),
      tool("wide", say("fitWidth"), () => this.#sight.set("width")),
      tool("tall", say("fitHeight"), () => this.#sight.set("height")),
      tool("zoom", say("actualSize"), () => this.#sight.set(1)),
      this.#both,
      ...this.#editing.tools(),
      tool("print", `${say("print")} (Ctrl+P)`, () => this.#print([this.#id])),
      tool("bin", `${say("remove")} (Del)`, () => this.#remove(this.#id)));
    const side = el("div", { class: "side-panel" }, this.#editing.panel, this.#text.element, this.#findings.element);
    this.#dialog = openIn(this.#room, "", "viewer", tools,
      el("div", { class: "light-table" }, this.#stage.element, this.#roll.element, side),
      el("footer", {}, tool("left", say("previous"), () => this.#go(-1)), this.#facts,
        tool("right", say("next"), () => this.#go(1))));
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("cancel", (event) => { if (this.#editing.leave()) event.preventDefault(); });
    this.#dialog.addEventListener("close", () => {
      this.#dialog = null;
      this.#editing.leave();
      closed(this.#id);
    });
    this.#stage.reset();
    this.#turn(recall(VIEW, "") === "continuous", false);
    this.#sight.element.focus();
  }

  /** What is looked at: one page, or all. */
  get #sight() {
    return this.#rolling ? this.#roll : this.#stage;
  }

  /**
   * Shows all pages below one another, or one.
   * @param {boolean} all
   * @param {boolean} wished   by the person, who will want it so next time
   */
  #turn(all, wished) {
    this.#rolling = all;
    if (wished) {
      this.#editing.leave();
      remember(VIEW, all ? "continuous" : "");
    }
    this.#both.setAttribute("aria-pressed", String(all));
    this.#stage.element.hidden = all;
    this.#roll.element.hidden = !all;
    this.#show();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isWriting(event)) return;
    const { key } = event;
    const control = event.ctrlKey || event.metaKey;
    const flat = !this.#rolling && this.#stage.fits && !event.shiftKey && !control;
    const on = flat && (getComputedStyle(this.#stage.element).direction === "rtl" ? "ArrowLeft" : "ArrowRight");
    if (key === "Delete") this.#remove(this.#id);
    else if (control && key.toLowerCase() === "p") this.#print([]);
    else if (key === "PageUp" || (flat && /^Arrow(Left|Right)$/.test(key) && key !== on)) this.#go(-1);
    else if (key === "PageDown" || key === on) this.#go(1);
    else if (key === "Home") this.#go(-Infinity);
    else if (key === "End") this.#go(Infinity);
    else if (key === "+" || key === "=") this.#sight.step(1);
    else if (key === "-") this.#sight.step(-1);
    else if (key === "0") this.#sight.set("page");
    else if (!(control && key.toLowerCase() === "z" && !event.shiftKey && this.#undo()) && !this.#editing.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} by */
  #go(by) {
    const pages = this.#document.pages;
    const to = pages.findIndex((page) => page.id === this.#id) + by;
    this.#see(pages[Math.max(0, Math.min(to, pages.length - 1))]?.id ?? "");
  }

  /**
   * Shows a page alone, with what was found on it.
   * @param {string} id
   */
  #find(id) {
    if (this.#rolling) this.#turn(false, false);
    this.#see(id);
  }

  /** @param {string} id */
  #see(id) {
    this.#editing.leave();
    this.#id = id;
    this.#show();
  }

  /** Keeps to a page that is there when the document changes. */
  #follow() {
    if (!this.#dialog) return;
    const pages = this.#document.pages;
    if (!pages.length) return this.#dialog.close();
    if (!pages.some((page) => page.id === this.#id)) {
      this.#editing.leave();
      this.#id = pages[Math.min(this.#place, pages.length - 1)]?.id ?? "";
    }
    this.#show();
  }

  #show() {
    const page = this.#about();
    if (!page) return;
    if (this.#rolling) this.#roll.show(this.#document.pages, this.#id);
    else {
      this.#stage.show(page, say("page", { number: this.#place + 1 }));
      this.#text.show(page);
    }
    this.#percent.textContent = `${this.#sight.percent} %`;
  }

  /** Says what is known of the page that is looked at. */
  #about() {
    const page = this.#name();
    if (!page) return;
    this.#editing.page = page;
    this.#findings.show(page);
    this.#text.offer();
    return page;
  }

  #name() {
    const pages = this.#document.pages;
    this.#place = pages.findIndex((page) => page.id === this.#id);
    const title = say("viewing", { number: this.#place + 1, count: pages.length });
    const heading = this.#dialog?.querySelector("h2");
    if (heading) heading.textContent = title;
    this.#dialog?.setAttribute("aria-label", title);
    this.#percent.textContent = `${this.#sight.percent} %`;
    const page = pages[this.#place];
    if (page) this.#facts.textContent = facts(page);
    return page;
  }
}

/** @param {Page} page */
function facts(page) {
  const dpi = page.dpi[0] > 0 ? say("atDpi", { dpi: Math.round(page.dpi[0]) }) : "";
  return say("pageFacts", { width: page.width, height: page.height, dpi, size: size(page.size) });
}

/**
 * @param {string} drawing
 * @param {string} title
 * @param {() => void} act
 */
function toggle(drawing, title, act) {
  const made = tool(drawing, title, act);
  made.setAttribute("aria-pressed", "false");
  return made;
}

/** @param {KeyboardEvent} event */
function isWriting(event) {
  const element = /** @type {Element} */ (event.composedPath()[0]);
  return element.matches("input:not([type=checkbox], [type=range], [type=radio]), select, textarea");
}
