/** Opens dialogs of the page. */

import { openIn } from "../client/elements/dialogs.js";
import { toasts } from "./notices.js";

/**
 * Opens a dialog with a title and a close button.
 * @param {string} title
 * @param {string} kind   its class
 * @param {...Node} content
 * @returns {HTMLDialogElement}
 */
export function open(title, kind, ...content) {
  return openIn({ home: document.body, toasts }, title, kind, ...content);
}
