/** Devices: what is there, what can be asked of each, and what cameras see. */

import { get, post, query, route } from "../asking.js";
import { frameOf, watch } from "../preview.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Settings} Settings
 * @typedef {import("../shapes.js").Asking} Asking
 * @typedef {import("../preview.js").Frame} Frame
 */

/** @param {Wire} wire */
export function devices(wire) {
  return {
    /**
     * Lists the devices; with `refresh`, the drivers look again.
     * @param {{refresh?: boolean} & Asking} [asking]
     * @returns {Promise<Schemas["Devices"]>}
     */
    listDevices({ refresh = false, ...asking } = {}) {
      return get(wire, `/v1/devices?refresh=${refresh}`, asking);
    },

    /**
     * Opens a device and says what can be asked of it.
     * @param {string} id
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["OpenDevice"]>}
     */
    getDevice(id, asking) {
      return get(wire, route`/v1/devices/${id}`, asking);
    },

    /**
     * What can be asked once some settings are made.
     * @param {string} id
     * @param {Settings} settings
     * @param {{hold?: string} & Asking} [asking]
     * @returns {Promise<Schemas["Options"]>}
     */
    adjustDevice(id, settings, { hold, ...asking } = {}) {
      return post(wire, route`/v1/devices/${id}/options`, { settings, hold }, asking);
    },

    /**
     * Keeps a device for a job that starts soon, for ten minutes at most; with the id of such a hold, longer. The job
     * and `adjustDevice` name it as `hold`; everybody else finds the device busy.
     * @param {string} id
     * @param {number} seconds
     * @param {{hold?: string} & Asking} [asking]
     * @returns {Promise<Schemas["Hold"]>}
     */
    holdDevice(id, seconds, { hold, ...asking } = {}) {
      return post(wire, route`/v1/devices/${id}/hold`, { seconds, hold }, asking);
    },

    /**
     * Lets others have a device that is kept; the person may do so for anybody.
     * @param {string} id
     * @param {{hold?: string} & Asking} [asking]
     * @returns {Promise<void>}
     */
    async freeDevice(id, { hold, ...asking } = {}) {
      await wire.json("DELETE", route`/v1/devices/${id}/hold` + query({ hold }), asking);
    },

    /**
     * Live pictures of a camera, the newest each time, until the loop is left or the signal says so. At
     * most `fps` a second, no larger than `width` by `height`; with `sheet`, marks say where the paper lies.
     * @param {string} id
     * @param {{width?: number, height?: number, fps?: number, sheet?: boolean} & Asking} [wish]
     * @returns {AsyncGenerator<Frame, void, void>}
     */
    preview(id, { signal = null, ...wish } = {}) {
      return watch(wire, route`/v1/devices/${id}/preview` + query(wish), signal);
    },

    /**
     * One live picture of a camera.
     * @param {string} id
     * @param {{width?: number, height?: number, sheet?: boolean} & Asking} [wish]
     * @returns {Promise<Frame>}
     */
    async frame(id, { signal, ...wish } = {}) {
      const path = route`/v1/devices/${id}/frame` + query(wish);
      const { data, headers } = await wire.blob("GET", path, { signal, cache: "no-store" });
      return frameOf(data, headers);
    },

    /**
     * Sets options of a device while a preview of it goes on.
     * @param {string} id
     * @param {Settings} settings
     * @param {Asking} [asking]
     * @returns {Promise<Schemas["Options"]>}
     */
    tuneDevice(id, settings, asking) {
      return wire.json("PATCH", route`/v1/devices/${id}/options`, { json: { settings }, ...asking });
    },
  };
}
