/** Brings a site together with the sheetfed on the person's computer. */

import { Handshake } from "./handshake.js";
import { Problem, Unreachable } from "./problem.js";
import { reach } from "./reach.js";
import { Sheetfed } from "./sheetfed.js";
import { Wire } from "./wire.js";

/**
 * @typedef {object} Approval
 * @property {(code: string) => void} [show]   is given six digits that this page must show: the person
 *   compares them with those in sheetfed and approves. Without it, a site that is not approved is refused.
 * @property {boolean} [anew]   forget the sheetfed that was met before, and ask for approval again
 *
 * @typedef {import("./reach.js").Way & Approval} Wish
 */

/**
 * Connects to the sheetfed on this computer: finds it, has the site approved where it is not yet, and
 * keeps the connection through restarts. Throws Unreachable, which says why and what to do, and what
 * the signal says. Call it from a click: the browser may have to ask the person.
 * @param {Wish} [wish]
 * @returns {Promise<Sheetfed>}
 */
export async function connect(wish = {}) {
  const handshake = new Handshake(await reach(wish));
  if (wish.anew) await approved(handshake, wish);
  try {
    await handshake.token();
  } catch (error) {
    const { state } = /** @type {{state?: string}} */ (error instanceof Problem ? error.details : {});
    if (state === "other") throw new Unreachable("other-service");
    if (!(error instanceof Problem) || ![0, 403].includes(error.status)) throw because(error);
    await approved(handshake, wish);
    await handshake.token().catch((failed) => { throw because(failed); });
  }
  const wire = new Wire(handshake.address, handshake, async () => {
    handshake.address = await reach({ addresses: wish.addresses, tls: wish.tls });
    return handshake.address;
  });
  return new Sheetfed(wire);
}

/**
 * Connects who needs no approval: the service's own page, with the token that it was opened with.
 * @param {string} address
 * @param {import("./wire.js").Pass} pass
 */
export function at(address, pass) {
  return new Sheetfed(new Wire(new URL(address).origin, pass));
}

/**
 * @param {Handshake} handshake
 * @param {Wish} wish
 */
async function approved(handshake, { show, signal }) {
  if (!show) throw new Unreachable("origin-not-approved");
  try {
    await handshake.pair(show, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw because(error);
  }
}

/**
 * Why the service did not let the site in. One that was restarted knows no request of before.
 * @param {unknown} error
 */
function because(error) {
  if (error instanceof TypeError) return new Unreachable("not-running");
  const { details, status, message } = error instanceof Problem ? error : new Problem({ detail: String(error) });
  if (details["state"] === "expired" || status === 404) return new Unreachable("pairing-expired");
  if (details["state"] === "blocked" || status === 403) return new Unreachable("site-blocked");
  if (status === 429) return new Unreachable("busy");
  return new Unreachable("service-failed", { said: message });
}
