/** What the service says of itself and its machine. */

import { fileName, get } from "../asking.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Asking} Asking
 */

/** @param {Wire} wire */
export function machine(wire) {
  return {
    /**
     * Sends any request, in the name of this page: for what has no method of its own, such as `If-Match` or `Range`.
     * @param {string} method
     * @param {string} path   like `/v1/documents`
     * @param {import("../wire.js").Sending} [more]
     * @returns {Promise<Response>}
     */
    request(method, path, more) {
      return wire.send(method, path, more);
    },

    /**
     * What holds on this machine, what does not, and what to do. Takes some seconds.
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["MachineFindings"]>}
     */
    findings(asking) {
      return get(wire, "/v1/findings", asking);
    },

    /**
     * One zip of plain text for somebody who helps; only for the person at the computer.
     * @param {Asking} [asking]
     * @returns {Promise<{data: Blob, name: string}>}
     */
    async saveFindings(asking) {
      const { data, headers } = await wire.blob("GET", "/v1/findings/bundle", { ...asking });
      return { data, name: fileName(headers) };
    },

    /**
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Figures"]>}
     */
    figures(asking) {
      return get(wire, "/v1/figures", asking);
    },

    /**
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["ServiceStatus"]>}
     */
    service(asking) {
      return get(wire, "/v1/service", asking);
    },

    /**
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Addons"]>}
     */
    addons(asking) {
      return get(wire, "/v1/addons", asking);
    },

    /**
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Steps"]>}
     */
    listSteps(asking) {
      return get(wire, "/v1/steps", asking);
    },
  };
}
