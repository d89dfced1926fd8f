/** Files in and out. */

import { fileName, get, route, upload } from "../asking.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Document} Document
 * @typedef {import("../shapes.js").Asking} Asking
 * @typedef {import("../shapes.js").Opening} Opening
 */

/** @param {Wire} wire */
export function files(wire) {
  return {
    /**
     * The formats that files are read and written in, and what can be asked of each.
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Formats"]>}
     */
    listFormats(asking) {
      return get(wire, "/v1/formats", asking);
    },

    /**
     * Puts the pages of a file into a document.
     * @param {string} id
     * @param {Blob} file
     * @param {{before?: string | null} & Opening} [how]
     * @returns {Promise<Schemas["Imported"]>}
     */
    importPages(id, file, how = {}) {
      return upload(wire, route`/v1/documents/${id}/pages`, file, how);
    },

    /**
     * Makes a document of a file; where that fails there is none.
     * @param {Blob} file
     * @param {{title?: string, private?: boolean} & Opening} [how]
     * @returns {Promise<Document>}
     */
    importDocument(file, how = {}) {
      return upload(wire, "/v1/imports", file, how);
    },

    /**
     * The document, or some of its pages in the order given, as a file.
     * @param {string} id
     * @param {Schemas["FileWish"]} [wish]
     * @param {Asking} [asking]
     * @returns {Promise<{data: Blob, name: string}>}
     */
    async saveDocument(id, wish = {}, asking) {
      const { data, headers } = await wire.blob("POST", route`/v1/documents/${id}/file`, { json: wish, ...asking });
      return { data, name: fileName(headers) };
    },
  };
}
