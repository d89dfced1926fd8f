/** Edits. The original stays; what is done can be undone. */

import { get, post, route } from "../asking.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Document} Document
 * @typedef {import("../shapes.js").EditOffer} EditOffer
 * @typedef {import("../shapes.js").EditWish} EditWish
 * @typedef {import("../shapes.js").Chosen} Chosen
 * @typedef {import("../shapes.js").Asking} Asking
 */

/** @param {Wire} wire */
export function edits(wire) {
  return {
    /**
     * @param {Asking} [asking]
     * @returns {Promise<{items: EditOffer[]}>}
     */
    listEdits(asking) {
      return get(wire, "/v1/edits", asking);
    },

    /**
     * Edits a page; with `replace`, in place of its last edit, as while something is dragged.
     * @param {string} id
     * @param {EditWish[]} edits
     * @param {{replace?: boolean} & Asking} [asking]
     * @returns {Promise<Page>}
     */
    editPage(id, edits, { replace = false, ...asking } = {}) {
      return post(wire, route`/v1/pages/${id}/edits`, { edits, replace }, asking);
    },

    /**
     * Takes back the last edit of a page, or all.
     * @param {string} id
     * @param {{all?: boolean}} [how]
     * @returns {Promise<Page>}
     */
    undoPage(id, how = {}) {
      return post(wire, route`/v1/pages/${id}/undo`, how);
    },

    /**
     * Does again what was taken back on a page.
     * @param {string} id
     * @param {{all?: boolean}} [how]
     * @returns {Promise<Page>}
     */
    redoPage(id, how = {}) {
      return post(wire, route`/v1/pages/${id}/redo`, how);
    },

    /**
     * Edits pages of a document, all or none.
     * @param {string} id
     * @param {EditWish[]} edits
     * @param {{pages?: Chosen, replace?: boolean} & Asking} [asking]
     * @returns {Promise<Document>}
     */
    editPages(id, edits, { pages = "all", replace = false, ...asking } = {}) {
      return post(wire, route`/v1/documents/${id}/edits`, { edits, pages, replace }, asking);
    },

    /**
     * Takes back the last edit of each of a document's pages, or all.
     * @param {string} id
     * @param {{pages?: Chosen, all?: boolean}} [how]
     * @returns {Promise<Document>}
     */
    undoPages(id, how = {}) {
      return post(wire, route`/v1/documents/${id}/undo`, how);
    },

    /**
     * Does again what was taken back on each of a document's pages.
     * @param {string} id
     * @param {{pages?: Chosen, all?: boolean}} [how]
     * @returns {Promise<Document>}
     */
    redoPages(id, how = {}) {
      return post(wire, route`/v1/documents/${id}/redo`, how);
    },
  };
}
