/** Saving the document, or the selected pages, as files. */

import { Api } from "./api.js";
import { OpenDocument } from "./document.js";
import { el } from "./dom.js";
import { menu } from "./menu.js";
import { tell, toast } from "./notices.js";
import { Selection } from "./selection.js";
import { say } from "./words.js";

const ENDINGS = /** @type {const} */ ({
  "application/pdf": "pdf", "image/tiff": "tiff", "image/png": "png", "image/jpeg": "jpg",
});
const ONE_PAGE = ["image/png", "image/jpeg"]; // formats that hold one page

/** @typedef {keyof typeof ENDINGS} Type */

/** The button that saves, and its menu. */
export class Save {
  #api;
  #document;
  #selection;
  #busy = false;
  #main = el("button", { type: "button", class: "main", id: "save", title: "Ctrl+S", onclick: () => this.save("application/pdf") });
  #more = menu(say("saveMore"), [
    [say("saveTiff"), () => this.save("image/tiff")],
    [say("savePng"), () => this.save("image/png")],
    [say("saveJpeg"), () => this.save("image/jpeg")],
  ]);

  /**
   * @param {HTMLElement} root
   * @param {{api: Api, document: OpenDocument, selection: Selection}} rooms
   */
  constructor(root, { api, document, selection }) {
    this.#api = api;
    this.#document = document;
    this.#selection = selection;
    root.append(el("div", { class: "split" }, this.#main, this.#more));
    for (const room of [document, selection]) room.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  /** @param {Type} type */
  async save(type) {
    const { id, pages } = this.#document;
    if (id === null || !pages.length || this.#busy) return;
    const order = pages.map((page) => page.id);
    const some = this.#selection.size > 0 && this.#selection.size < order.length;
    this.#set(true);
    try {
      if (!await this.#document.commit()) return; // what was deleted must not come back in the file
      const wanted = some ? this.#selection.among(order) : order;
      const groups = ONE_PAGE.includes(type) ? wanted.map((page) => [page]) : [some ? wanted : undefined];
      const names = [];
      for (const group of groups) names.push(await this.#one(id, type, group, names.length, groups.length));
      toast(names.length === 1 ? say("saved", { name: names[0] ?? "" }) : say("savedMany", { count: names.length }));
    } catch (problem) {
      tell(problem);
    } finally {
      this.#set(false);
    }
  }

  /**
   * @param {string} id
   * @param {Type} type
   * @param {string[] | undefined} pages   all where it is undefined
   * @param {number} index
   * @param {number} count
   */
  async #one(id, type, pages, index, count) {
    const { data } = await this.#api.file(id, { type, pages });
    const number = count > 1 ? ` ${String(index + 1).padStart(String(count).length, "0")}` : "";
    const name = `${fileName(this.#document.title)}${number}.${ENDINGS[type]}`;
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
