/** Pages: in their order, tagged, looked at, deleted. */

import { get, list, post, query, route, upload } from "../asking.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Document} Document
 * @typedef {import("../shapes.js").Chosen} Chosen
 * @typedef {import("../shapes.js").Asking} Asking
 * @typedef {import("../shapes.js").Tagged} Tagged
 */

/** @param {Wire} wire */
export function pages(wire) {
  return {
    /**
     * @param {string} id
     * @param {Tagged & Asking} [asking]
     * @returns {Promise<Schemas["Pages"]>}
     */
    listPages(id, asking) {
      return list(wire, route`/v1/documents/${id}/pages`, asking);
    },

    /**
     * Gives tags to pages, and takes others away.
     * @param {string} id
     * @param {Schemas["Retag"]} wish
     * @returns {Promise<Document>}
     */
    tagPages(id, wish) {
      return post(wire, route`/v1/documents/${id}/tag`, wish);
    },

    /**
     * Reverses pages, or puts fronts and backs together or apart.
     * @param {string} id
     * @param {Schemas["Arrangement"]} wish
     * @returns {Promise<Document>}
     */
    arrangePages(id, wish) {
      return post(wire, route`/v1/documents/${id}/arrange`, wish);
    },

    /**
     * Puts copies of pages, of this document or others, before another one or at the end.
     * @param {string} id
     * @param {string[]} pages
     * @param {string | null} [before]
     * @returns {Promise<Document>}
     */
    copyPages(id, pages, before = null) {
      return post(wire, route`/v1/documents/${id}/copy`, { pages, before });
    },

    /**
     * Puts all pages of a document in this order.
     * @param {string} id
     * @param {string[]} pages
     * @returns {Promise<Document>}
     */
    orderPages(id, pages) {
      return wire.json("PUT", route`/v1/documents/${id}/order`, { json: { pages } });
    },

    /**
     * Puts pages, of this document or others, before another one, or at the end.
     * @param {string} id
     * @param {string[]} pages
     * @param {string | null} [before]
     * @returns {Promise<Document>}
     */
    movePages(id, pages, before = null) {
      return post(wire, route`/v1/documents/${id}/move`, { pages, before });
    },

    /**
     * @param {string} id
     * @param {string} a
     * @param {string} b
     * @returns {Promise<Document>}
     */
    swapPages(id, a, b) {
      return post(wire, route`/v1/documents/${id}/swap`, { a, b });
    },

    /**
     * Deletes pages, all or none; done even when the tab closes meanwhile.
     * @param {string} id
     * @param {Chosen} pages
     * @returns {Promise<Document>}
     */
    removePages(id, pages) {
      return wire.json("POST", route`/v1/documents/${id}/remove`, { json: { pages }, keepalive: pages.length < 1000 });
    },

    /**
     * @param {string} id
     * @param {Asking} [asking]
     * @returns {Promise<Page>}
     */
    getPage(id, asking) {
      return get(wire, route`/v1/pages/${id}`, asking);
    },

    /**
     * What the file of a page knows of it: words with their places, fonts, pictures, links.
     * @param {string} id
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Contents"]>}
     */
    getContents(id, asking) {
      return get(wire, route`/v1/pages/${id}/contents`, asking);
    },

    /**
     * Has the picture of a file take the place of a page, which keeps its id; an edit like others, so that it is undone.
     * @param {string} id
     * @param {Blob} file
     * @param {Asking} [asking]
     * @returns {Promise<Page>}
     */
    replaceImage(id, file, asking) {
      return upload(wire, route`/v1/pages/${id}/image`, file, { method: "PUT", ...asking });
    },

    /** @param {string} id */
    async deletePage(id) {
      await wire.json("DELETE", route`/v1/pages/${id}`);
    },

    /**
     * A page's bytes as they were kept, or a picture that fits into these pixels. Show it as a blob.
     * @param {string} id
     * @param {{width?: number, height?: number, type?: string} & Asking} [wish]
     * @returns {Promise<Blob>}
     */
    async getImage(id, { signal, ...wish } = {}) {
      return (await wire.blob("GET", route`/v1/pages/${id}/image` + query(wish), { signal })).data;
    },
  };
}
