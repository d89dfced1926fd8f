/** One page, large. */

import { OpenDocument } from "./document.js";
import { el, icon } from "./dom.js";
import { open } from "./dialogs.js";
import { Pictures } from "./pictures.js";
import { say, size } from "./words.js";

/** @typedef {import("./api.js").Page} Page */

/** A window onto the open document. */
export class Viewer {
  #document;
  #pictures;
  #remove;
  #id = "";
  /** @type {HTMLDialogElement | null} */ #dialog = null;
  #picture = el("img", { alt: "" });
  #stage = el("div", { class: "stage", tabindex: "0" }, this.#picture);
  #facts = el("p", { class: "facts" });
  #zoom = el("button", { type: "button", class: "icon-only", onclick: () => this.#resize() }, icon("zoom"));

  /**
   * @param {OpenDocument} document
   * @param {Pictures} pictures
   * @param {(id: string) => void} remove
   */
  constructor(document, pictures, remove) {
    this.#document = document;
    this.#pictures = pictures;
    this.#remove = remove;
    this.#picture.addEventListener("dblclick", () => this.#resize());
    document.addEventListener("change", () => this.#follow());
  }

  /**
   * Shows a page until the viewer is closed.
   * @param {string} id
   * @param {(id: string) => void} closed   told which page was shown last
   */
  open(id, closed) {
    this.#id = id;
    const previous = this.#step("left", say("previous"), -1);
    const next = this.#step("right", say("next"), 1);
    const bin = el("button", {
      type: "button", class: "icon-only", "aria-label": say("remove"), title: `${say("remove")} (Del)`,
      onclick: () => this.#remove(this.#id),
    }, icon("bin"));
    this.#dialog = open("", "viewer", this.#stage,
      el("footer", {}, previous, this.#facts, this.#zoom, bin, next));
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("close", () => {
      this.#dialog = null;
      closed(this.#id);
    });
    this.#fit(true);
    this.#show();
    this.#stage.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const fits = !this.#stage.classList.contains("actual");
    if (event.key === "Delete") this.#remove(this.#id);
    else if (event.key === "PageUp" || (event.key === "ArrowLeft" && fits)) this.#go(-1);
    else if (event.key === "PageDown" || (event.key === "ArrowRight" && fits)) this.#go(1);
    else if (event.key === "Home") this.#go(-Infinity);
    else if (event.key === "End") this.#go(Infinity);
    else return;
    event.preventDefault();
  }

  /**
   * @param {string} drawing
   * @param {string} title
   * @param {number} by
   */
  #step(drawing, title, by) {
    return el("button", {
      type: "button", class: "icon-only", "aria-label": title, title, onclick: () => this.#go(by),
    }, icon(drawing));
  }

  /** @param {number} by */
  #go(by) {
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
    if (!pages.some((page) => page.id === this.#id)) {
      this.#id = pages[Math.min(this.#place, pages.length - 1)]?.id ?? "";
      this.#show();
    } else this.#name();
  }

  #place = 0;

  #name() {
    const pages = this.#document.pages;
    this.#place = pages.findIndex((page) => page.id === this.#id);
    const title = say("viewing", { number: this.#place + 1, count: pages.length });
    const heading = this.#dialog?.querySelector("h2");
    if (heading) heading.textContent = title;
    this.#dialog?.setAttribute("aria-label", title);
    return pages[this.#place];
  }

  async #show() {
    const page = this.#name();
    if (!page) return;
    const dpi = page.dpi[0] > 0 ? say("atDpi", { dpi: Math.round(page.dpi[0]) }) : "";
    this.#facts.textContent = say("pageFacts", { width: page.width, height: page.height, dpi, size: size(page.size) });
    this.#picture.alt = say("page", { number: this.#place + 1 });
    const wanted = this.#wanted(page);
    try {
      this.#put(page, await this.#pictures.thumbnail(page));
      this.#put(page, await this.#pictures.large(page, wanted));
    } catch {
      this.#facts.textContent = say("pageGone");
    }
  }

  /**
   * How many pixels wide the page's picture has to be.
   * @param {Page} page
   */
  #wanted(page) {
    if (this.#stage.classList.contains("actual")) return page.width;
    const { clientWidth, clientHeight } = this.#stage;
    return Math.min(clientWidth, (clientHeight * page.width) / page.height) * devicePixelRatio;
  }

  /**
   * @param {Page} page
   * @param {string} url
   */
  #put(page, url) {
    if (page.id !== this.#id) return;
    this.#picture.width = page.width;
    this.#picture.height = page.height;
    this.#picture.src = url;
  }

  #resize() {
    this.#fit(this.#stage.classList.contains("actual"));
    this.#show();
  }

  /** @param {boolean} fit */
  #fit(fit) {
    this.#stage.classList.toggle("actual", !fit);
    const title = say(fit ? "actualSize" : "fit");
    this.#zoom.setAttribute("aria-label", title);
    this.#zoom.title = title;
  }
}
