/** One scan: its pages as they arrive, and how it ends. */

import { get, post } from "./asking.js";
import { follow } from "./events.js";
import { Problem } from "./problem.js";
import { Wire } from "./wire.js";

/**
 * @typedef {import("./shapes.js").Job} Job
 * @typedef {import("./shapes.js").Page} Page
 * @typedef {import("./shapes.js").JobWish} JobWish
 */

const ENDED = ["done", "failed", "cancelled"];

/**
 * How a scan is followed.
 * @typedef {object} Watching
 * @property {(job: Job) => void} [progress]   is told of each change of the job
 * @property {(job: Job) => "continue" | "keep" | "discard" | Promise<"continue" | "keep" | "discard">} [paused]
 *   says what to do when paper ran out, jammed…; without it the scan throws what happened and stays paused
 * @property {AbortSignal | null} [signal]     cancels the scan; complete pages are kept
 */

/** Give its pages with `for await`; each one is safe in the service when it comes. */
export class Scan {
  #wire;
  #watching;
  /** @type {Set<string>} */ #seen = new Set();

  /**
   * @param {Wire} wire
   * @param {Job} job
   * @param {Watching} watching
   */
  constructor(wire, job, watching) {
    this.#wire = wire;
    this.job = job;
    this.#watching = watching;
  }

  /**
   * Gives each page once, in the order in which they came, until the scan is over. Throws the Problem
   * that ended it, or that it is paused with.
   * @returns {AsyncGenerator<Page, void, void>}
   */
  async *[Symbol.asyncIterator]() {
    const { signal } = this.#watching;
    /** @type {Promise<unknown>} */ let cancelled = Promise.resolve();
    const cancel = () => { cancelled = this.#tell("cancel").catch(() => undefined); };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      if (signal?.aborted) cancel();
      signal?.throwIfAborted();
      yield* this.#pages();
    } finally {
      signal?.removeEventListener("abort", cancel);
      await cancelled; // who hears that it stopped may scan at once
    }
  }

  /**
   * Waits until the scan is over; returns the job.
   * @returns {Promise<Job>}
   */
  async finish() {
    for await (const page of this) void page;
    return this.job;
  }

  /** @returns {AsyncGenerator<Page, void, void>} */
  async *#pages() {
    const { signal } = this.#watching;
    for await (const { topic, data } of follow(this.#wire, { topics: ["job", "page"], signal })) {
      if (topic === "ready") yield* this.#missed();
      else if (topic === "page") yield* this.#arrived(data);
      else if (topic === "job" && data.id === this.job.id) this.#news(data);
      if (ENDED.includes(this.job.state)) yield* this.#missed();
      if (await this.#isOver()) return;
    }
  }

  /**
   * What came while no events were heard.
   * @returns {AsyncGenerator<Page, void, void>}
   */
  async *#missed() {
    this.#news(await get(this.#wire, `/v1/jobs/${this.job.id}`));
    for (const id of new Set([this.job.document, ...this.job.documents ?? []])) {
      if (id === null) continue;
      const { pages } = await get(this.#wire, `/v1/documents/${id}`).catch(unlessGone);
      for (const page of pages) yield* this.#arrived({ ...page, change: "added" });
    }
  }

  /**
   * @param {Page & {change: string}} page
   * @returns {Generator<Page, void, void>}
   */
  *#arrived({ change, ...page }) {
    if (change !== "added" || page.job !== this.job.id || this.#seen.has(page.id)) return;
    this.#seen.add(page.id);
    yield page;
  }

  /** @param {Job} news */
  #news(news) {
    if (news.version < this.job.version) return; // an answer that came sooner told more
    this.job = { ...this.job, ...news };
    this.#watching.progress?.(this.job);
  }

  /**
   * Whether nothing more comes. Throws what kept it from a good end.
   * @returns {Promise<boolean>}
   */
  async #isOver() {
    const { state, error } = this.job;
    if (state === "done") return true;
    if (state === "cancelled") throw new Problem({ code: "cancelled", title: "The scan was cancelled" });
    if (state === "failed" || (state === "paused" && !this.#watching.paused)) throw new Problem(error ?? {});
    if (state !== "paused") return false;
    const verb = await this.#watching.paused?.(this.job) ?? "keep";
    this.#news(await this.#tell(verb));
    return this.#isOver();
  }

  /** @param {"cancel" | "continue" | "keep" | "discard"} verb */
  #tell(verb) {
    return post(this.#wire, `/v1/jobs/${this.job.id}/${verb}`);
  }
}

/**
 * A document that is not there, or not yet, has no pages.
 * @param {unknown} error
 * @returns {{pages: Page[]}}
 */
function unlessGone(error) {
  if (error instanceof Problem && error.code === "not-found") return { pages: [] };
  throw error;
}
