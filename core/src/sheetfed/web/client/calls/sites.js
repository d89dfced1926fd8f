/** Sites, for the person at this computer: a site is refused. */

import { get, post, query, route } from "../asking.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Asking} Asking
 */

/** @param {Wire} wire */
export function sites(wire) {
  return {
    /**
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Sites"]>}
     */
    listSites(asking) {
      return get(wire, "/v1/sites", asking);
    },

    /**
     * Approves or blocks a site in every browser.
     * @param {string} origin
     * @param {"approved" | "blocked"} state
     */
    decideSite(origin, state) {
      return post(wire, "/v1/sites", { origin, state });
    },

    /**
     * Takes an approval back, or a block; the site may ask again.
     * @param {string} origin
     * @param {"delete" | "keep"} [documents]   what becomes of those that only the site could see
     */
    revokeSite(origin, documents = "delete") {
      return wire.json("DELETE", `/v1/sites${query({ origin, documents })}`);
    },

    /**
     * Lets the site in that asked and shows this code.
     * @param {string} id
     * @param {string} code
     */
    approvePairing(id, code) {
      return post(wire, route`/v1/pairings/${id}/approve`, { code });
    },

    /** @param {string} id */
    blockPairing(id) {
      return post(wire, route`/v1/pairings/${id}/block`);
    },

    /**
     * Exchanges what our own page was opened with for a token.
     * @param {string} nonce
     * @returns {Promise<Schemas["Token"]>}
     */
    newPageToken(nonce) {
      return post(wire, "/v1/page-tokens", { nonce });
    },
  };
}
