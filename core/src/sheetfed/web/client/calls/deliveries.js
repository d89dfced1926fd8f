/** Deliveries: documents to where they belong. */

import { get, list, post, route, upload } from "../asking.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Settings} Settings
 * @typedef {import("../shapes.js").Asking} Asking
 * @typedef {import("../shapes.js").Place} Place
 * @typedef {import("../shapes.js").Delivery} Delivery
 */

/** @param {Wire} wire */
export function deliveries(wire) {
  return {
    /**
     * The places that documents can go to, and what each one asks.
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Targets"]>}
     */
    listTargets(asking) {
      return get(wire, "/v1/targets", asking);
    },

    /**
     * Whether a target would take a document.
     * @param {string} name
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Trial"]>}
     */
    testTarget(name, asking) {
      return post(wire, route`/v1/targets/${name}/test`, undefined, asking);
    },

    /**
     * Sends a document, or some of its pages, to a target; the same key again answers with the delivery
     * that is there.
     * @param {Schemas["NewDelivery"]} wish
     * @param {{key?: string} & Asking} [asking]
     * @returns {Promise<Delivery>}
     */
    sendDocument(wish, { key = crypto.randomUUID(), signal } = {}) {
      return wire.json("POST", "/v1/deliveries", { json: wish, headers: { "Idempotency-Key": key }, signal });
    },

    /**
     * Sends a file as it is to a target.
     * @param {Blob} file
     * @param {{target: string, name: string, type?: string, fields?: Settings} & Asking} how
     * @returns {Promise<Delivery>}
     */
    sendFile(file, how) {
      return upload(wire, "/v1/deliveries/files", file, how);
    },

    /**
     * @param {Place & Asking} [asking]
     * @returns {Promise<Schemas["Deliveries"]>}
     */
    listDeliveries(asking) {
      return list(wire, "/v1/deliveries", asking);
    },

    /**
     * @param {string} id
     * @param {Asking} [asking]
     * @returns {Promise<Delivery>}
     */
    getDelivery(id, asking) {
      return get(wire, route`/v1/deliveries/${id}`, asking);
    },

    /**
     * Gives a delivery up.
     * @param {string} id
     * @returns {Promise<Delivery>}
     */
    cancelDelivery(id) {
      return post(wire, route`/v1/deliveries/${id}/cancel`);
    },

    /**
     * Tries a delivery again now, also one that failed.
     * @param {string} id
     * @returns {Promise<Delivery>}
     */
    retryDelivery(id) {
      return post(wire, route`/v1/deliveries/${id}/retry`);
    },
  };
}
