/** Documents: listed, made, named, parted, put together. */

import { get, list, post, query, route } from "../asking.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Document} Document
 * @typedef {import("../shapes.js").Asking} Asking
 * @typedef {import("../shapes.js").Tagged} Tagged
 */

/** @param {Wire} wire */
export function documents(wire) {
  return {
    /**
     * Lists documents, the newest first; with `tag`, those that have it.
     * @param {Tagged & Asking} [asking]
     * @returns {Promise<Schemas["Documents"]>}
     */
    listDocuments(asking) {
      return list(wire, "/v1/documents", asking);
    },

    /**
     * Makes a document, empty or as a copy of another.
     * @param {Schemas["NewDocument"]} [wish]
     * @returns {Promise<Document>}
     */
    createDocument(wish = {}) {
      return post(wire, "/v1/documents", wish);
    },

    /**
     * @param {string} id
     * @param {Asking} [asking]
     * @returns {Promise<Document>}
     */
    getDocument(id, asking) {
      return get(wire, route`/v1/documents/${id}`, asking);
    },

    /**
     * Gives another title, other tags or other info; what is not named stays.
     * @param {string} id
     * @param {Schemas["Wording"]} words
     * @returns {Promise<Document>}
     */
    describeDocument(id, words) {
      return wire.json("PATCH", route`/v1/documents/${id}`, { json: words });
    },

    /** @param {string} id */
    async deleteDocument(id) {
      await wire.json("DELETE", route`/v1/documents/${id}`);
    },

    /** Deletes every document of the one who asks. */
    async deleteDocuments() {
      await wire.json("DELETE", "/v1/documents");
    },

    /**
     * Parts a document: new ones begin at these pages.
     * @param {string} id
     * @param {Schemas["SplitPart"][]} parts
     * @returns {Promise<Schemas["Parts"]>}
     */
    splitDocument(id, parts) {
      return post(wire, route`/v1/documents/${id}/split`, { parts });
    },

    /**
     * Parts a document by what steps found on its pages.
     * @param {string} id
     * @param {Schemas["Separation"]} wish
     * @returns {Promise<Schemas["Parts"]>}
     */
    separateDocument(id, wish) {
      return post(wire, route`/v1/documents/${id}/separate`, wish);
    },

    /**
     * Moves all pages of other documents into this one, and deletes those.
     * @param {string} id
     * @param {Schemas["Merge"]} wish
     * @returns {Promise<Document>}
     */
    mergeDocuments(id, wish) {
      return post(wire, route`/v1/documents/${id}/merge`, wish);
    },

    /**
     * Lets pages that are kept take steps.
     * @param {string} id
     * @param {Schemas["NewRound"]} wish
     * @returns {Promise<Schemas["Round"]>}
     */
    startRound(id, wish) {
      return post(wire, route`/v1/documents/${id}/steps`, wish);
    },

    /**
     * How far the steps of a round are.
     * @param {string} id
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Round"]>}
     */
    getRound(id, asking) {
      return get(wire, route`/v1/rounds/${id}`, asking);
    },

    /**
     * Stops a round; pages that took their steps keep what was found.
     * @param {string} id
     * @returns {Promise<Schemas["Round"]>}
     */
    stopRound(id) {
      return wire.json("DELETE", route`/v1/rounds/${id}`);
    },

    /**
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["TagUses"]>}
     */
    listTags(asking) {
      return get(wire, "/v1/tags", asking);
    },

    /**
     * Gives a tag another name in all documents and on all pages; without one it is taken away.
     * @param {string} tag
     * @param {string | null} [to]
     * @returns {Promise<Schemas["TagUses"]>}
     */
    renameTag(tag, to = null) {
      return post(wire, "/v1/tags", { tag, to });
    },

    /**
     * Where words stand in a document, on some of its pages; `next` is the cursor for those behind them.
     * @param {string} id
     * @param {string} find
     * @param {{cursor?: string} & Asking} [how]
     * @returns {Promise<Schemas["Findings"]>}
     */
    findText(id, find, { cursor, ...asking } = {}) {
      return get(wire, route`/v1/documents/${id}/text` + query({ find, cursor }), asking);
    },
  };
}
