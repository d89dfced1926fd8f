/** Saving the document, or the selected pages, as files. */

import { Sheetfed } from "../client/index.js";
import { el } from "../client/elements/dom.js";
import { menu } from "../client/elements/menu.js";
import { askExport } from "./exporting.js";
import { tell, toast } from "./notices.js";
import { byId } from "./place.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { say } from "./words.js";
import { Archive } from "./zip.js";

/**
 * @typedef {import("../client/shapes.js").Format} Format
 * @typedef {import("../client/shapes.js").Settings} Settings
 */

const PDF = "application/pdf";

/** The button that saves, and its menu. */
export class Save {
  #api;
  #viewer;
  #document;
  #selection;
  #busy = false;
  /** @type {Format[]} */ #formats = [];
  #words = el("span", { class: "long" });
  #main = el("button", { type: "button", class: "main", id: "save", title: "Ctrl+S", onclick: () => this.save(PDF) },
    this.#words, el("span", { class: "short", "aria-hidden": "true" }, say("save")));
  #more = menu(say("saveMore"), [
    [say("saveTiff"), () => this.save("image/tiff")],
    [say("savePng"), () => this.save("image/png")],
    [say("saveJpeg"), () => this.save("image/jpeg")],
    [say("export"), () => this.#ask()],
    [say("print"), () => this.#viewer.print()],
  ]);

  /**
   * @param {HTMLElement} root
   * @param {{api: Sheetfed, viewer: SheetfedViewer}} rooms
   */
  constructor(root, { api, viewer }) {
    this.#api = api;
    this.#viewer = viewer;
    this.#document = viewer.document;
    this.#selection = viewer.selection;
    root.append(el("div", { class: "split" }, this.#main, this.#more));
    for (const name of ["change", "select"]) viewer.addEventListener(name, () => this.#draw());
    this.#draw();
  }

  /** Asks which formats are written. */
  async load() {
    const { items } = await this.#api.listFormats();
    this.#formats = items.filter((format) => format.writes);
  }

  /**
   * Shows how far the file is.
   * @param {{document: string, pages: number, done: number}} news
   */
  hear({ document, pages, done }) {
    if (this.#busy && pages > 1 && document === this.#document.id) this.#words.textContent = say("savingPages", { done, pages });
  }

  /** @param {string} type */
  async save(type) {
    if (!this.#formats.length) await this.load().catch(tell);
    const format = this.#formats.find((each) => each.type === type);
    if (format) await this.#write(format, {}, this.#selection.size > 0);
  }

  /** Asks how, and saves. */
  async #ask() {
    if (!this.#formats.length) await this.load().catch(tell);
    if (this.#formats.length) askExport(this.#formats, this.#selection.size, ({ format, options, some }) => this.#write(format, options, some));
  }

  /**
   * @param {Format} format
   * @param {Settings} options
   * @param {boolean} selected   only what is selected
   */
  async #write(format, options, selected) {
    const { id, pages } = this.#document;
    if (id === null || !pages.length || this.#busy) return;
    const order = pages.map((page) => page.id);
    const some = selected && this.#selection.size < order.length;
    this.#set(true);
    try {
      if (!await this.#document.commit()) return; // what was deleted must not come back in the file
      const wanted = some ? this.#selection.among(order) : order;
      const typed = /** @type {HTMLInputElement} */ (byId("title")).value; // which the service may have yet to take
      const title = fileName(typed);
      const ending = format.endings[0] ?? "bin";
      const single = format.gathers || wanted.length === 1;
      const name = `${title}.${single ? ending : "zip"}`;
      hand(single
        ? await this.#file(id, { type: format.type, options, pages: some || !format.gathers ? wanted : undefined })
        : await this.#pictures(id, { type: format.type, options }, wanted, (number) => `${title} ${number}.${ending}`), name);
      toast(say("saved", { name }));
    } catch (problem) {
      tell(problem);
    } finally {
      this.#set(false);
    }
  }

  /**
   * @param {string} id
   * @param {import("../client/shapes.js").Schemas["FileWish"]} wish   all pages where none are named
   */
  async #file(id, wish) {
    return (await this.#api.saveDocument(id, wish)).data;
  }

  /**
   * Every page as a file of its own, in an archive: a browser would ask about each download.
   * @param {string} id
   * @param {{type: string, options: Settings}} wish
   * @param {string[]} pages
   * @param {(number: string) => string} name
   */
  async #pictures(id, wish, pages, name) {
    const archive = new Archive();
    for (const [index, page] of pages.entries()) {
      this.#words.textContent = say("savingPage", { number: index + 1, count: pages.length });
      const number = String(index + 1).padStart(String(pages.length).length, "0");
      await archive.add(name(number), await this.#file(id, { ...wish, pages: [page] }));
    }
    return archive.file;
  }

  /** @param {boolean} busy */
  #set(busy) {
    this.#busy = busy;
    this.#draw();
  }

  #draw() {
    const empty = this.#document.pages.length === 0;
    const word = this.#selection.size ? "saveSelectedPdf" : "savePdf";
    this.#words.textContent = say(this.#busy ? "saving" : word);
    this.#main.setAttribute("aria-label", this.#words.textContent);
    this.#main.disabled = empty || this.#busy;
    this.#more.toggleAttribute("inert", empty || this.#busy);
  }
}

/**
 * Gives a file to the person.
 * @param {Blob} data
 * @param {string} name
 */
export function hand(data, name) {
  const url = URL.createObjectURL(data);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * A title as a file's name; an empty one becomes the time.
 * @param {string} title
 */
function fileName(title) {
  const clean = title.replace(/[\\/:*?"<>|\u0000-\u001f\s]+/g, " ").trim().replace(/^\.+|\.+$/g, "");
  if (clean) return clean.slice(0, 120);
  const now = new Date();
  const part = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `Scan ${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())} ${part(now.getHours())}${part(now.getMinutes())}`;
}
