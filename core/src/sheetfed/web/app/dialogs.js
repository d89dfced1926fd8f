/** Opens dialogs that are gone when they are closed. */

import { byId, el, icon } from "./dom.js";
import { say } from "./words.js";

/**
 * Opens a dialog with a title and a close button.
 * @param {string} title
 * @param {string} kind   its class
 * @param {...Node} content
 * @returns {HTMLDialogElement}
 */
export function open(title, kind, ...content) {
  const close = el("button", {
    type: "button", class: "quiet icon-only", "aria-label": say("close"), onclick: () => dialog.close(),
  }, icon("close"));
  const dialog = el("dialog", { class: kind, "aria-label": title },
    el("header", {}, el("h2", {}, title), close), ...content);
  const toasts = byId("toasts"); // what is outside of an open dialog cannot be reached
  dialog.addEventListener("close", () => {
    document.body.append(toasts);
    dialog.remove();
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.append(toasts);
  dialog.showModal();
  return dialog;
}
