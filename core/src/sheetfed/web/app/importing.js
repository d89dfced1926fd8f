/** Files that are opened, dropped or pasted: their pages come into the document. */

import { Problem, Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { open } from "./dialogs.js";
import { banner, clear, tell, toast } from "./notices.js";
import { trouble } from "./told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Document} Made
 *
 * A file, the document it goes into, and the page that its own come to stand before.
 * @typedef {{file: File, place: SheetfedViewer["document"]["place"], before: string | null}} Coming
 */

/** Takes files in, one after the other. */
export class Importing {
  #sheetfed;
  #viewer;
  #show;
  #input = el("input", { type: "file", multiple: true, hidden: true, id: "files", onchange: () => this.#chosen() });
  #button = el("button", {
    type: "button", class: "quiet", id: "open", title: say("openFilesAbout"), "aria-label": say("openFiles"),
    onclick: () => this.#input.click(),
  }, icon("open"), el("span", { class: "label" }, say("openFiles")));
  /** @type {Promise<void>} */ #last = Promise.resolve();
  #left = 0;

  /**
   * @param {HTMLElement} root
   * @param {{sheetfed: Sheetfed, viewer: SheetfedViewer, show: (made: Made) => Promise<void>}} rooms
   */
  constructor(root, { sheetfed, viewer, show }) {
    this.#sheetfed = sheetfed;
    this.#viewer = viewer;
    this.#show = show;
    root.append(this.#button, this.#input);
    viewer.addEventListener("files", (event) => {
      const { files, before } = /** @type {CustomEvent} */ (event).detail;
      event.preventDefault();
      this.take(files, before);
    });
    document.addEventListener("paste", (event) => {
      if (event.defaultPrevented) return; // the viewer has them
      const files = [...event.clipboardData?.files ?? []];
      if (files.length && !document.querySelector("dialog[open]")) this.take(files, null);
    });
    // Dropped beside the pages, a file would be opened in place of this page.
    for (const name of /** @type {const} */ (["dragover", "drop"])) window.addEventListener(name, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (name === "drop" && !document.querySelector("dialog[open]")) this.take([...event.dataTransfer.files], null);
    });
  }

  /** Asks what can be opened, so that the file dialog shows nothing else. */
  async load() {
    const { items } = await this.#sheetfed.listFormats();
    const endings = items.filter((format) => format.reads).flatMap((format) => [format.type, ...format.endings.map((each) => `.${each}`)]);
    this.#input.accept = endings.join(",");
  }

  /**
   * Takes files in after those that are coming in already.
   * @param {File[]} files
   * @param {string | null} before   the page that theirs come to stand before
   */
  take(files, before) {
    this.#left += files.length;
    const { place } = this.#viewer.document;
    for (const file of files) {
      this.#last = this.#last.then(() => this.#one({ file, place, before })).catch(tell).finally(() => {
        this.#left -= 1;
        this.#draw("");
      });
    }
    this.#draw("");
  }

  #chosen() {
    this.take([...this.#input.files ?? []], null);
    this.#input.value = "";
  }

  /**
   * @param {Coming} coming
   * @param {string} [password]
   * @returns {Promise<void>}
   */
  async #one(coming, password) {
    const { name } = coming.file;
    this.#draw(name);
    try {
      const count = await this.#import(coming, password);
      toast(say("imported", { name, count }));
    } catch (error) {
      if (error instanceof Problem && error.code === "password-needed") return this.#ask(coming, password !== undefined);
      this.#refused(name, error);
    }
  }

  /**
   * @param {Coming} coming
   * @param {string} [password]
   */
  #import({ file, place, before }, password) {
    const { ahead, document } = this.#viewer;
    const { id } = place;
    if (id !== null) {
      return ahead.during(
        (watch) => this.#sheetfed.importPages(id, file, { password, ...(before ? { before } : { watch }) }),
        async () => { if (document.id === id) await this.#viewer.refresh(); }, id,
      );
    }
    const title = file.name.replace(/\.[^.]+$/, "");
    return ahead.during((watch) => this.#sheetfed.importDocument(file, { title, password, watch }), async (made) => {
      place.id = made.id;
      if (document.place === place) await this.#show(made); // else another is looked at now
    }, id);
  }

  /**
   * Asks for the password of a locked file, and goes on with it.
   * @param {Coming} coming
   * @param {boolean} again   the last one did not fit
   * @returns {Promise<void>}
   */
  #ask(coming, again) {
    return new Promise((resolve) => {
      const input = el("input", { type: "password", id: "password", autocomplete: "off" });
      let given = false;
      const form = el("form", { class: "asking", onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        given = true;
        dialog.close();
      } }, el("label", { for: "password" }, say(again ? "wrongPassword" : "askPassword", { name: coming.file.name })), input,
      el("button", { class: "main" }, say("openFile")));
      const dialog = open(say("lockedFile"), "locked-file", form);
      dialog.addEventListener("close", () => resolve(given ? this.#one(coming, input.value) : undefined));
    });
  }

  /**
   * @param {string} name
   * @param {unknown} error
   */
  #refused(name, error) {
    if (!(error instanceof Problem) || error.status === 401) return tell(error);
    const { title, detail, advice } = trouble(error);
    banner(`file ${name}`, { title: say("notImported", { name }), detail: detail || title, advice });
  }

  /** @param {string} name   the file that comes in now */
  #draw(name) {
    this.#button.setAttribute("aria-busy", String(this.#left > 0));
    if (!this.#left) return clear("importing");
    if (!name) return;
    banner("importing", {
      kind: "wait", drawing: "open", close: false, title: say("importing", { name }),
      detail: this.#left > 1 ? say("importsLeft", { count: this.#left - 1 }) : "",
    });
  }
}
