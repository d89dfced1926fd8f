/** One page at a time, large, with what can be done to it. */

import { openIn } from "./dialogs.js";
import { OpenDocument } from "./document.js";
import { el, icon } from "./dom.js";
import { Editing } from "./editing.js";
import { Findings } from "./findings.js";
import { Pictures } from "./pictures.js";
import { Stage } from "./stage.js";
import { say, size } from "./words.js";

/** @typedef {import("../shapes.js").Page} Page */

/** A window onto the open document. */
export class Large {
  #document;
  #remove;
  #undo;
  #room;
  #id = "";
  #place = 0;
  /** @type {HTMLDialogElement | null} */ #dialog = null;
  #stage;
  #findings;
  #editing;
  #facts = el("p", { class: "facts" });
  #percent = el("output", { class: "percent" });

  /**
   * @param {{document: OpenDocument, pictures: Pictures, editing: Editing, remove: (id: string) => void,
   *   undo: () => boolean, room: import("./dialogs.js").Room}} rooms
   */
  constructor({ document, pictures, editing, remove, undo, room }) {
    this.#document = document;
    this.#remove = remove;
    this.#undo = undo;
    this.#room = room;
    this.#editing = editing;
    this.#stage = new Stage(pictures);
    this.#findings = new Findings(this.#stage, room.toasts);
    editing.stage = this.#stage;
    this.#stage.addEventListener("zoom", () => this.#name());
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
      tool("minus", say("zoomOut"), () => this.#stage.step(-1)),
      this.#percent,
      tool("plus", say("zoomIn"), () => this.#stage.step(1)),
      tool("whole", say("fit"), () => this.#stage.set("page")),
      tool("wide", say("fitWidth"), () => this.#stage.set("width")),
      tool("zoom", say("actualSize"), () => this.#stage.set(1)),
      ...this.#editing.tools(),
      tool("bin", `${say("remove")} (Del)`, () => this.#remove(this.#id)));
    const side = el("div", { class: "side-panel" }, this.#editing.panel, this.#findings.element);
    this.#dialog = openIn(this.#room, "", "viewer", tools,
      el("div", { class: "light-table" }, this.#stage.element, side),
      el("footer", {}, tool("left", say("previous"), () => this.#go(-1)), this.#facts,
        tool("right", say("next"), () => this.#go(1))));
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("cancel", (event) => { if (this.#editing.leave()) event.preventDefault(); });
    this.#dialog.addEventListener("close", () => {
      this.#dialog = null;
      this.#editing.leave();
      closed(this.#id);
    });
    this.#stage.zoom = "page";
    this.#show();
    this.#stage.element.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isWriting(event)) return;
    const { key } = event;
    const control = event.ctrlKey || event.metaKey;
    const flat = this.#stage.fits && !event.shiftKey && !control;
    if (key === "Delete") this.#remove(this.#id);
    else if (key === "PageUp" || (key === "ArrowLeft" && flat)) this.#go(-1);
    else if (key === "PageDown" || (key === "ArrowRight" && flat)) this.#go(1);
    else if (key === "Home") this.#go(-Infinity);
    else if (key === "End") this.#go(Infinity);
    else if (key === "+" || key === "=") this.#stage.step(1);
    else if (key === "-") this.#stage.step(-1);
    else if (key === "0") this.#stage.set("page");
    else if (!(control && key.toLowerCase() === "z" && !event.shiftKey && this.#undo()) && !this.#editing.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} by */
  #go(by) {
    this.#editing.leave();
    const pages = this.#document.pages;
    const to = pages.findIndex((page) => page.id === this.#id) + by;
    this.#id = pages[Math.max(0, Math.min(to, pages.length - 1))]?.id ?? "";
    this.#show();
  }

  /** Keeps to a page that is there when the document changes. */
  #follow() {
    if (!this.#dialog) return;
    const pages = this.#document.pages;
    if (!pages.length) return this.#dialog.close();
    if (!pages.some((page) => page.id === this.#id)) this.#id = pages[Math.min(this.#place, pages.length - 1)]?.id ?? "";
    this.#show();
  }

  #show() {
    const page = this.#name();
    if (!page) return;
    this.#editing.page = page;
    this.#findings.show(page);
    this.#stage.show(page, say("page", { number: this.#place + 1 }));
    this.#percent.textContent = `${this.#stage.percent} %`;
  }

  #name() {
    const pages = this.#document.pages;
    this.#place = pages.findIndex((page) => page.id === this.#id);
    const title = say("viewing", { number: this.#place + 1, count: pages.length });
    const heading = this.#dialog?.querySelector("h2");
    if (heading) heading.textContent = title;
    this.#dialog?.setAttribute("aria-label", title);
    this.#percent.textContent = `${this.#stage.percent} %`;
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
export function tool(drawing, title, act) {
  return el("button", { type: "button", class: "icon-only quiet", "aria-label": title, title, onclick: act }, icon(drawing));
}

/** @param {KeyboardEvent} event */
function isWriting(event) {
  const element = /** @type {Element} */ (event.composedPath()[0]);
  return element.matches("input:not([type=checkbox], [type=range], [type=radio]), select, textarea");
}
