/** The service, with a method for everything that it can do. */

import { deliveries } from "./calls/deliveries.js";
import { devices } from "./calls/devices.js";
import { documents } from "./calls/documents.js";
import { edits } from "./calls/edits.js";
import { files } from "./calls/files.js";
import { jobs } from "./calls/jobs.js";
import { machine } from "./calls/machine.js";
import { pages } from "./calls/pages.js";
import { sites } from "./calls/sites.js";
import { Wire } from "./wire.js";

/**
 * One service, asked in one name. Every method throws a Problem where the service says no.
 * @typedef {{readonly address: string} & ReturnType<typeof machine> & ReturnType<typeof devices>
 *   & ReturnType<typeof jobs> & ReturnType<typeof documents> & ReturnType<typeof pages>
 *   & ReturnType<typeof files> & ReturnType<typeof edits> & ReturnType<typeof deliveries>
 *   & ReturnType<typeof sites>} Sheetfed
 */

class Service {
  #wire;

  /** @param {Wire} wire */
  constructor(wire) {
    this.#wire = wire;
    for (const room of [machine, devices, jobs, documents, pages, files, edits, deliveries, sites]) {
      Object.assign(this, room(wire));
    }
  }

  /** Where the service is, like `http://127.0.0.1:18910`. */
  get address() {
    return this.#wire.address;
  }
}

export const Sheetfed = /** @type {new (wire: Wire) => Sheetfed} */ (/** @type {unknown} */ (Service));
