/** Saving the document, or the selected pages, as files. */

import { Sheetfed } from "../client/index.js";
import { el } from "../client/elements/dom.js";
import { menu } from "../client/elements/menu.js";
import { askExport } from "./exporting.js";
import { tell, toast } from "./notices.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Format} Format
 * @typedef {import("../client/shapes.js").Settings} Settings
 */

const PDF = "application/pdf";

/** The button that saves, and its menu. */
export class Save {
  #api;
  #document;
  #selection;
  #busy = false;
  /** @type {Format[]} */ #formats = [];
  #main = el("button", { type: "button", class: "main", id: "save", title: "Ctrl+S", onclick: () => this.save(PDF) });
  #more = menu(say("saveMore"), [
    [say("saveTiff"), () => this.save("image/tiff")],
    [say("savePng"), () => this.save("image/png")],
    [say("saveJpeg"), () => this.save("image/jpeg")],
    [say("export"), () => this.#ask()],
  ]);

  /**
   * @param {HTMLElement} root
   * @param {{api: Sheetfed, viewer: SheetfedViewer}} rooms
   */
  constructor(root, { api, viewer }) {
    this.#api = api;
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

  /** @param {string} type */
  async save(type) {
    if (!this.#formats.length) await this.load().catch(tell);
    const format = this.#formats.find((each) => each.type === type);
    if (format) await this.#write(format, {}, this.#selection.size > 0);
  }

  /** Asks how, and saves. */
  #ask() {
    askExport(this.#formats, this.#selection.size, ({ format, options, some }) => this.#write(format, options, some));
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
      const groups = format.gathers ? [some ? wanted : undefined] : wanted.map((page) => [page]);
      const names = [];
      for (const group of groups) names.push(await this.#one(id, { format, options, group }, names.length, groups.length));
      toast(names.length === 1 ? say("saved", { name: names[0] ?? "" }) : say("savedMany", { count: names.length }));
    } catch (problem) {
      tell(problem);
    } finally {
      this.#set(false);
    }
  }

  /**
   * @param {string} id
   * @param {{format: Format, options: Settings, group: string[] | undefined}} wish   all pages where there is no group
   * @param {number} index
   * @param {number} count
   */
  async #one(id, { format, options, group }, index, count) {
    const { data } = await this.#api.saveDocument(id, { type: format.type, pages: group, options });
    const number = count > 1 ? ` ${String(index + 1).padStart(String(count).length, "0")}` : "";
    const name = `${fileName(this.#document.title)}${number}.${format.endings[0] ?? "bin"}`;
    hand(data, name);
    return name;
  }

  /** @param {boolean} busy */
  #set(busy) {
    this.#busy = busy;
    this.#draw();
  }

  #draw() {
    const empty = this.#document.pages.length === 0;
    const word = this.#selection.size ? "saveSelectedPdf" : "savePdf";
    this.#main.textContent = say(this.#busy ? "saving" : word);
    this.#main.disabled = empty || this.#busy;
    this.#more.toggleAttribute("inert", empty || this.#busy);
  }
}

/**
 * Gives a file to the person.
 * @param {Blob} data
 * @param {string} name
 */
function hand(data, name) {
  const url = URL.createObjectURL(data);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * A title as a file's name; an empty one becomes the time.
 * @param {string} title
 */
function fileName(title) {
  const clean = title.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, " ").trim().replace(/^\.+|\.+$/g, "");
  if (clean) return clean.slice(0, 120);
  const now = new Date();
  const part = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `Scan ${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())} ${part(now.getHours())}${part(now.getMinutes())}`;
}
