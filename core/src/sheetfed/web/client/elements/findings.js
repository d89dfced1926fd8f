/** The list of what steps found on a page: values to read, search and copy. */

import { el } from "./dom.js";
import { named } from "./marks.js";
import { Toasts } from "./toasts.js";
import { say } from "./words.js";

/** @typedef {import("../shapes.js").Page} Page */

const MANY = 8; // from so many on there is a field to search them

/** A list beside the page. */
export class Findings {
  #sight;
  #toasts;
  #search = el("input", { type: "search", "aria-label": say("search"), placeholder: say("search"), oninput: () => this.#sift() });
  #list = el("ul", { class: "findings" });
  element = el("section", { class: "found", hidden: true, "aria-label": say("found") }, el("h3", {}, say("found")), this.#search, this.#list);

  /**
   * @param {{point: (index: number) => void}} sight   where they are seen on the page
   * @param {Toasts} toasts
   */
  constructor(sight, toasts) {
    this.#sight = sight;
    this.#toasts = toasts;
  }

  /** @param {Page} page */
  show({ marks, missing = [], left_out: without = [] }) {
    this.element.hidden = marks.length + missing.length + without.length === 0;
    this.#search.hidden = marks.length < MANY;
    const lost = [
      ...missing.map((name) => say("editMissing", { name })),
      ...without.map((name) => say("editLeftOut", { name })),
    ].map((text) => el("li", { class: "missing" }, text));
    this.#list.replaceChildren(...lost, ...marks.map(({ kind, value, by }, index) =>
      el("li", { "data-text": `${named(kind)} ${value}`.toLowerCase() },
        el("button", {
          type: "button", class: "quiet finding", title: say("copy"),
          onclick: () => this.#copy(value, index), onfocus: () => this.#sight.point(index), onpointerenter: () => this.#sight.point(index),
        }, el("span", { class: "kind" }, named(kind)), el("span", { class: "value" }, value || (by === kind ? "" : by))))));
    this.#sift();
  }

  #sift() {
    const wanted = this.#search.hidden ? "" : this.#search.value.trim().toLowerCase();
    for (const each of this.#list.children) {
      const item = /** @type {HTMLElement} */ (each);
      item.hidden = wanted !== "" && !item.dataset["text"]?.includes(wanted);
    }
  }

  /**
   * @param {string} value
   * @param {number} index
   */
  async #copy(value, index) {
    this.#sight.point(index);
    if (!value) return;
    await navigator.clipboard.writeText(value).then(
      () => this.#toasts.toast(say("copied", { value })), () => this.#toasts.toast(say("notCopied")));
  }
}
