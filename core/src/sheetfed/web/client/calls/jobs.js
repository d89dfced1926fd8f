/** Jobs: one request for paper, until its last page. */

import { get, list, post, query, route } from "../asking.js";
import { follow } from "../events.js";
import { Scan } from "../scan.js";
import { Wire } from "../wire.js";

/**
 * @typedef {import("../shapes.js").Schemas} Schemas
 * @typedef {import("../shapes.js").Job} Job
 * @typedef {import("../shapes.js").JobWish} JobWish
 * @typedef {import("../shapes.js").Asking} Asking
 * @typedef {import("../shapes.js").Place} Place
 * @typedef {import("../events.js").Following} Following
 * @typedef {import("../scan.js").Watching} Watching
 */

/** @param {Wire} wire */
export function jobs(wire) {
  /**
   * Starts a job; the same key again answers with the job that is there.
   * @param {JobWish} wish
   * @param {{key?: string} & Asking} [asking]
   * @returns {Promise<Job>}
   */
  function startJob(wish, { key = crypto.randomUUID(), signal } = {}) {
    return wire.json("POST", "/v1/jobs", { json: wish, headers: { "Idempotency-Key": key }, signal });
  }

  /**
   * @param {string} id
   * @param {"cancel" | "continue" | "keep" | "discard"} verb
   * @returns {Promise<Job>}
   */
  function tellJob(id, verb) {
    return post(wire, route`/v1/jobs/${id}/${verb}`);
  }

  return {
    /**
     * Scans: starts a job, and gives its pages with `for await`.
     * @param {JobWish} wish
     * @param {Watching} [watching]
     */
    async scan(wish, watching = {}) {
      watching.signal?.throwIfAborted();
      return new Scan(wire, await startJob(wish), watching);
    },

    /**
     * What happens from now on, or after an event that was seen, for ever: give it a signal to end it.
     * @param {Following} [following]
     */
    events(following = {}) {
      return follow(wire, following);
    },

    startJob,

    /**
     * @param {Place & Asking} [asking]
     * @returns {Promise<Schemas["Jobs"]>}
     */
    listJobs(asking) {
      return list(wire, "/v1/jobs", asking);
    },

    /**
     * A job; with `wait`, when it is not as in `seen` any more, after so many seconds at the latest.
     * @param {string} id
     * @param {{wait?: number, seen?: number} & Asking} [asking]
     * @returns {Promise<Job>}
     */
    getJob(id, { wait, seen, ...asking } = {}) {
      return get(wire, route`/v1/jobs/${id}` + query({ wait, seen }), asking);
    },

    tellJob,

    /**
     * Stops a job; complete pages are kept.
     * @param {string} id
     */
    cancelJob(id) {
      return tellJob(id, "cancel");
    },

    /**
     * Scans on after a pause.
     * @param {string} id
     */
    continueJob(id) {
      return tellJob(id, "continue");
    },

    /**
     * Ends a paused job with the pages it has.
     * @param {string} id
     */
    keepJob(id) {
      return tellJob(id, "keep");
    },

    /**
     * Ends a paused job and deletes the pages it made.
     * @param {string} id
     */
    discardJob(id) {
      return tellJob(id, "discard");
    },
  };
}
