/** One scan: its pages as they arrive, and how it ends. */

import { Problem } from "./problem.js";
import { Sheetfed } from "./sheetfed.js";

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
  #sheetfed;
  #watching;
  /** @type {Set<string>} */ #seen = new Set();

  /**
   * @param {Sheetfed} sheetfed
   * @param {Job} job
   * @param {Watching} watching
   */
  constructor(sheetfed, job, watching) {
    this.#sheetfed = sheetfed;
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
    const cancel = () => { cancelled = this.#sheetfed.cancelJob(this.job.id).catch(() => undefined); };
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
    for await (const { topic, data } of this.#sheetfed.events({ topics: ["job", "page"], signal })) {
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
    this.#news(await this.#sheetfed.getJob(this.job.id));
    if (this.job.document === null) return;
    const { pages } = await this.#sheetfed.getDocument(this.job.document).catch(unlessGone);
    for (const page of pages) yield* this.#arrived({ ...page, change: "added" });
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
    this.job = { ...this.job, ...news };
    this.#watching.progress?.(this.job);
  }

  /**
   * Whether nothing more comes. Throws what kept it from a good end.
   * @returns {Promise<boolean>}
   */
  async #isOver() {
    const { state, error, id } = this.job;
    if (state === "done") return true;
    if (state === "cancelled") throw new Problem({ code: "cancelled", title: "The scan was cancelled" });
    if (state === "failed" || (state === "paused" && !this.#watching.paused)) throw new Problem(error ?? {});
    if (state !== "paused") return false;
    const verb = await this.#watching.paused?.(this.job) ?? "keep";
    this.#news(await this.#sheetfed.tellJob(id, verb));
    return this.#isOver();
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
