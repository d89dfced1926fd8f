/** Opens dialogs that are gone when they are closed. */

import { el, tool } from "./dom.js";
import { Toasts } from "./toasts.js";
import { say } from "./words.js";

/** @typedef {{home: Node, toasts: Toasts}} Room   where a dialog stands, and what is told in it */

/**
 * Opens a dialog with a title and a close button.
 * @param {Room} room
 * @param {string} title
 * @param {string} kind   its class
 * @param {...Node} content
 * @returns {HTMLDialogElement}
 */
export function openIn({ home, toasts }, title, kind, ...content) {
  const close = tool("close", say("close"), () => dialog.close());
  const dialog = el("dialog", { class: kind, part: "dialog", "aria-label": title },
    el("header", {}, el("h2", {}, title), close), ...content);
  toasts.into(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  let outside = false; // was pressed; who presses inside selects, or drags
  dialog.addEventListener("pointerdown", ({ target }) => { outside = target === dialog; });
  dialog.addEventListener("click", ({ target }) => { if (outside && target === dialog) dialog.close(); });
  home.appendChild(dialog);
  dialog.showModal();
  return dialog;
}
