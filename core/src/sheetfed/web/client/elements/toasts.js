/** Tells people what happened in passing, and those who listen rather than look. */

import { el } from "./dom.js";

const STAY = 8_000;
const MOST = 3; // of those that offer nothing; more would lie over the pages

/** @typedef {{text: string, main?: boolean, act: () => void}} Action */

/** Notices that pass. */
export class Toasts {
  #root;
  #live;
  /** @type {Node | null} */ #home = null; // where they stand while no dialog is open
  /** @type {Set<HTMLDialogElement>} */ #dialogs = new Set(); // the topmost last
  /** @type {Set<() => void>} */ #plain = new Set(); // end those that offer nothing

  /**
   * @param {HTMLElement} root   where they are shown
   * @param {HTMLElement} live   what is read aloud when it changes
   */
  constructor(root, live) {
    this.#root = root;
    this.#live = live;
  }

  /** Whether a dialog is open over the page. */
  get inDialog() {
    return this.#dialogs.size > 0;
  }

  /**
   * Shows a passing notice; it stays while it is pointed at or focused.
   * @param {string} text
   * @param {{action?: Action, gone?: () => void}} [more]  `gone` is called once when it has passed
   *   without its action being taken
   * @returns {{take: () => void, end: () => void}}  takes its action; ends it now
   */
  toast(text, { action, gone } = {}) {
    const made = el("div", { class: "toast", part: "toast" }, el("span", {}, text));
    let timer = setTimeout(end, STAY);
    const hold = () => clearTimeout(timer);
    const release = () => {
      hold();
      if (!made.matches(":hover, :focus-within")) timer = setTimeout(end, STAY / 2);
    };
    for (const name of ["pointerenter", "focusin"]) made.addEventListener(name, hold);
    for (const name of ["pointerleave", "focusout"]) made.addEventListener(name, release);
    if (action) made.append(el("button", { type: "button", class: "quiet", onclick: take }, action.text));
    else this.#plain.add(end);
    this.#root.append(made);
    const [oldest] = this.#plain;
    if (oldest && this.#plain.size > MOST) oldest();

    const plain = this.#plain;
    let over = false;
    /** @param {(() => void) | undefined} last */
    function finish(last) {
      if (over) return;
      over = true;
      plain.delete(end);
      hold();
      made.remove();
      last?.();
    }
    function end() { finish(gone); }
    function take() { finish(action?.act); }
    return { take, end };
  }

  /**
   * Says something to people who listen rather than look.
   * @param {string} text
   */
  announce(text) {
    this.#live.textContent = text;
  }

  /**
   * Stands inside a dialog while it is open: what is outside cannot be reached. What was said before
   * would only lie over it; what offers something stays.
   * @param {HTMLDialogElement} dialog
   */
  into(dialog) {
    for (const end of [...this.#plain]) end();
    this.#home ??= this.#root.parentNode;
    this.#dialogs.add(dialog);
    dialog.addEventListener("close", () => this.#dialogs.delete(dialog) && this.#stand());
    this.#stand();
  }

  #stand() {
    const dialog = [...this.#dialogs].at(-1);
    const header = dialog?.querySelector(":scope > header");
    if (header) header.after(this.#root);
    else (dialog ?? this.#home)?.appendChild(this.#root);
  }
}
