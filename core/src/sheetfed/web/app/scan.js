/** The scan that is going on: started, watched, paused, ended. */

import { Problem, Sheetfed } from "../client/index.js";

/**
 * @typedef {import("../client/shapes.js").Job} Job
 */

const LIVE = ["waiting", "scanning", "paused"];

/** Sends `change` when the job did, and `end` once when it is over. */
export class Scan extends EventTarget {
  /** @type {Job | null} */ job = null;
  starting = false;
  stopping = false;
  #continuing = false; // it was asked to, and has not answered
  #api;
  #asked = 0; // questions that are not answered yet; what is heard meanwhile may be newer
  /** @type {Map<string, Job>} */ #early = new Map();

  /** @param {Sheetfed} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** Whether the device is at work, or about to be. */
  get running() {
    return this.starting || this.job?.state === "waiting" || this.job?.state === "scanning";
  }

  get paused() {
    return this.job?.state === "paused";
  }

  /**
   * Starts once the request is ready.
   * @param {Promise<import("../client/shapes.js").JobWish>} request
   * @returns {Promise<Job>}
   */
  async start(request) {
    this.starting = true;
    this.stopping = false;
    this.job = null;
    this.#asked += 1;
    this.#changed();
    try {
      const job = this.job = await this.#api.startJob(await request);
      this.take(this.#early.get(job.id) ?? job);
      return this.job;
    } finally {
      this.starting = false;
      this.#answered();
      this.#changed();
    }
  }

  /**
   * Cancels it, goes on with it, keeps what is there, or drops it.
   * @param {"cancel" | "continue" | "keep" | "discard"} verb
   */
  async tell(verb) {
    if (!this.job || this.stopping || (verb === "continue" && this.#continuing)) return;
    this.stopping = verb !== "continue";
    this.#continuing = verb === "continue";
    this.#changed();
    try {
      this.take(await this.#api.tellJob(this.job.id, verb));
    } catch (problem) {
      this.stopping = false;
      await this.refresh();
      throw problem;
    } finally {
      this.#continuing = false;
    }
  }

  /**
   * Takes news of a job.
   * @param {Job} news
   */
  take(news) {
    if (this.#asked) this.#early.set(news.id, news);
    if (!this.job || news.id !== this.job.id || news.version < this.job.version) return;
    const wasLive = LIVE.includes(this.job.state);
    this.job = { ...this.job, ...news };
    const live = LIVE.includes(this.job.state);
    if (!live || this.paused) this.stopping = false;
    this.#changed();
    if (wasLive && !live) this.dispatchEvent(new Event("end"));
  }

  /** Reads the job afresh; after a restart of the service its versions may count from lower. One that is forgotten is none. */
  async refresh() {
    const { job } = this;
    if (!job) return;
    job.version = -1;
    try {
      this.take(await this.#api.getJob(job.id));
    } catch (problem) {
      if (!(problem instanceof Problem && problem.code === "not-found")) throw problem;
      if (this.job?.id !== job.id) return;
      this.job = null;
      this.stopping = false;
      this.#changed();
    }
  }

  /**
   * Finds the live job of a document; without one, any live job.
   * @param {string | null} document
   */
  async find(document) {
    this.#asked += 1;
    try {
      const { items } = await this.#api.listJobs({ limit: 50 });
      const live = items.filter((job) => LIVE.includes(job.state));
      const found = live.find((job) => job.document === document) ?? live[0];
      if (!found || this.starting || this.job?.id === found.id) return await this.refresh();
      this.job = found;
      this.take(this.#early.get(found.id) ?? found);
    } finally {
      this.#answered();
    }
  }

  #answered() {
    this.#asked -= 1;
    if (!this.#asked) this.#early.clear();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
