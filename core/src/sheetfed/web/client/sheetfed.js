/** The service, with a method for everything that it can do. */

import { follow } from "./events.js";
import { Scan } from "./scan.js";
import { Wire } from "./wire.js";

/**
 * @typedef {import("./shapes.js").Schemas} Schemas
 * @typedef {import("./shapes.js").Settings} Settings
 * @typedef {import("./shapes.js").Job} Job
 * @typedef {import("./shapes.js").JobWish} JobWish
 * @typedef {import("./shapes.js").Page} Page
 * @typedef {import("./shapes.js").Document} Document
 * @typedef {import("./shapes.js").Asking} Asking
 * @typedef {import("./shapes.js").Place} Place
 * @typedef {import("./events.js").Following} Following
 * @typedef {import("./scan.js").Watching} Watching
 */

/** One service, asked in one name. Every method throws a Problem where the service says no. */
export class Sheetfed {
  #wire;

  /** @param {Wire} wire */
  constructor(wire) {
    this.#wire = wire;
  }

  /** Where the service is, like `http://127.0.0.1:18910`. */
  get address() {
    return this.#wire.address;
  }

  // What is there.

  /**
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["ServiceStatus"]>}
   */
  service(asking) {
    return this.#get("/v1/service", asking);
  }

  /**
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Addons"]>}
   */
  addons(asking) {
    return this.#get("/v1/addons", asking);
  }

  /**
   * Lists the devices; with `refresh`, the drivers look again.
   * @param {{refresh?: boolean} & Asking} [asking]
   * @returns {Promise<Schemas["Devices"]>}
   */
  listDevices({ refresh = false, ...asking } = {}) {
    return this.#get(`/v1/devices?refresh=${refresh}`, asking);
  }

  /**
   * Opens a device and says what can be asked of it.
   * @param {string} id
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["OpenDevice"]>}
   */
  getDevice(id, asking) {
    return this.#get(`/v1/devices/${encodeURIComponent(id)}`, asking);
  }

  /**
   * What can be asked once some settings are made.
   * @param {string} id
   * @param {Settings} settings
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Options"]>}
   */
  adjustDevice(id, settings, asking) {
    return this.#post(`/v1/devices/${encodeURIComponent(id)}/options`, { settings }, asking);
  }

  /**
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Steps"]>}
   */
  listSteps(asking) {
    return this.#get("/v1/steps", asking);
  }

  // Scanning.

  /**
   * Scans: starts a job, and gives its pages with `for await`.
   * @param {JobWish} wish
   * @param {Watching} [watching]
   * @returns {Promise<Scan>}
   */
  async scan(wish, watching = {}) {
    watching.signal?.throwIfAborted();
    return new Scan(this, await this.startJob(wish), watching);
  }

  /**
   * Starts a job; the same key again answers with the job that is there.
   * @param {JobWish} wish
   * @param {{key?: string} & Asking} [asking]
   * @returns {Promise<Job>}
   */
  startJob(wish, { key = crypto.randomUUID(), signal } = {}) {
    return this.#wire.json("POST", "/v1/jobs", { json: wish, headers: { "Idempotency-Key": key }, signal });
  }

  /**
   * @param {Place & Asking} [asking]
   * @returns {Promise<Schemas["Jobs"]>}
   */
  listJobs(asking) {
    return this.#list("/v1/jobs", asking);
  }

  /**
   * A job; with `wait`, when it is not as in `seen` any more, after so many seconds at the latest.
   * @param {string} id
   * @param {{wait?: number, seen?: number} & Asking} [asking]
   * @returns {Promise<Job>}
   */
  getJob(id, { wait, seen, ...asking } = {}) {
    return this.#get(`/v1/jobs/${id}${query({ wait, seen })}`, asking);
  }

  /**
   * @param {string} id
   * @param {"cancel" | "continue" | "keep" | "discard"} verb
   * @returns {Promise<Job>}
   */
  tellJob(id, verb) {
    return this.#post(`/v1/jobs/${id}/${verb}`);
  }

  /**
   * Stops a job; complete pages are kept.
   * @param {string} id
   */
  cancelJob(id) {
    return this.tellJob(id, "cancel");
  }

  /**
   * Scans on after a pause.
   * @param {string} id
   */
  continueJob(id) {
    return this.tellJob(id, "continue");
  }

  /**
   * Ends a paused job with the pages it has.
   * @param {string} id
   */
  keepJob(id) {
    return this.tellJob(id, "keep");
  }

  /**
   * Ends a paused job and deletes the pages it made.
   * @param {string} id
   */
  discardJob(id) {
    return this.tellJob(id, "discard");
  }

  /**
   * What happens from now on, or after an event that was seen, for ever: give it a signal to end it.
   * @param {Following} [following]
   */
  events(following = {}) {
    return follow(this.#wire, following);
  }

  // Documents.

  /**
   * @param {Place & Asking} [asking]
   * @returns {Promise<Schemas["Documents"]>}
   */
  listDocuments(asking) {
    return this.#list("/v1/documents", asking);
  }

  /**
   * @param {{title?: string, private?: boolean}} [wish]
   * @returns {Promise<Document>}
   */
  createDocument(wish = {}) {
    return this.#post("/v1/documents", wish);
  }

  /**
   * @param {string} id
   * @param {Asking} [asking]
   * @returns {Promise<Document>}
   */
  getDocument(id, asking) {
    return this.#get(`/v1/documents/${id}`, asking);
  }

  /**
   * @param {string} id
   * @param {string} title
   * @returns {Promise<Document>}
   */
  renameDocument(id, title) {
    return this.#wire.json("PATCH", `/v1/documents/${id}`, { json: { title } });
  }

  /** @param {string} id */
  async deleteDocument(id) {
    await this.#wire.json("DELETE", `/v1/documents/${id}`);
  }

  /** Deletes every document of the one who asks. */
  async deleteDocuments() {
    await this.#wire.json("DELETE", "/v1/documents");
  }

  /**
   * Puts all pages of a document in this order.
   * @param {string} id
   * @param {string[]} pages
   * @returns {Promise<Document>}
   */
  orderPages(id, pages) {
    return this.#wire.json("PUT", `/v1/documents/${id}/order`, { json: { pages } });
  }

  /**
   * Puts pages, of this document or others, before another one, or at the end.
   * @param {string} id
   * @param {string[]} pages
   * @param {string | null} [before]
   * @returns {Promise<Document>}
   */
  movePages(id, pages, before = null) {
    return this.#post(`/v1/documents/${id}/move`, { pages, before });
  }

  /**
   * @param {string} id
   * @param {string} a
   * @param {string} b
   * @returns {Promise<Document>}
   */
  swapPages(id, a, b) {
    return this.#post(`/v1/documents/${id}/swap`, { a, b });
  }

  /**
   * Deletes pages, all or none; done even when the tab closes meanwhile.
   * @param {string} id
   * @param {string[]} pages
   * @returns {Promise<Document>}
   */
  removePages(id, pages) {
    return this.#wire.json("POST", `/v1/documents/${id}/remove`, { json: { pages }, keepalive: pages.length < 1000 });
  }

  /**
   * The document, or some of its pages in the order given, as a file.
   * @param {string} id
   * @param {Partial<Schemas["FileWish"]>} [wish]
   * @param {Asking} [asking]
   * @returns {Promise<{data: Blob, name: string}>}
   */
  async saveDocument(id, wish = {}, asking) {
    const { data, headers } = await this.#wire.blob("POST", `/v1/documents/${id}/file`, { json: wish, ...asking });
    return { data, name: fileName(headers.get("Content-Disposition") ?? "") };
  }

  // Pages.

  /**
   * @param {string} id
   * @param {Asking} [asking]
   * @returns {Promise<Page>}
   */
  getPage(id, asking) {
    return this.#get(`/v1/pages/${id}`, asking);
  }

  /** @param {string} id */
  async deletePage(id) {
    await this.#wire.json("DELETE", `/v1/pages/${id}`);
  }

  /**
   * A page's bytes as they were kept, or a picture that fits into these pixels. Show it as a blob.
   * @param {string} id
   * @param {{width?: number, height?: number, type?: string} & Asking} [wish]
   * @returns {Promise<Blob>}
   */
  async getImage(id, { signal, ...wish } = {}) {
    return (await this.#wire.blob("GET", `/v1/pages/${id}/image${query(wish)}`, { signal })).data;
  }

  // For the person at this computer: a site is refused.

  /**
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Sites"]>}
   */
  listSites(asking) {
    return this.#get("/v1/sites", asking);
  }

  /**
   * Approves or blocks a site in every browser.
   * @param {string} origin
   * @param {"approved" | "blocked"} state
   */
  decideSite(origin, state) {
    return this.#post("/v1/sites", { origin, state });
  }

  /**
   * Takes an approval back, or a block; the site may ask again.
   * @param {string} origin
   * @param {"delete" | "keep"} [documents]   what becomes of those that only the site could see
   */
  revokeSite(origin, documents = "delete") {
    return this.#wire.json("DELETE", `/v1/sites${query({ origin, documents })}`);
  }

  /**
   * Lets the site in that asked and shows this code.
   * @param {string} id
   * @param {string} code
   */
  approvePairing(id, code) {
    return this.#post(`/v1/pairings/${id}/approve`, { code });
  }

  /** @param {string} id */
  blockPairing(id) {
    return this.#post(`/v1/pairings/${id}/block`);
  }

  /**
   * Exchanges what our own page was opened with for a token.
   * @param {string} nonce
   * @returns {Promise<Schemas["Token"]>}
   */
  newPageToken(nonce) {
    return this.#post("/v1/page-tokens", { nonce });
  }

  /**
   * @param {string} path
   * @param {Asking} [asking]
   */
  #get(path, asking) {
    return this.#wire.json("GET", path, asking);
  }

  /**
   * @param {string} path
   * @param {object} [json]
   * @param {Asking} [asking]
   */
  #post(path, json, asking) {
    return this.#wire.json("POST", path, { json, ...asking });
  }

  /**
   * @param {string} path
   * @param {Place & Asking} [asking]
   */
  #list(path, { cursor, limit, signal } = {}) {
    return this.#get(path + query({ limit, cursor }), { signal });
  }
}

/**
 * @param {Record<string, string | number | null | undefined>} values
 */
function query(values) {
  const said = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return said.length ? `?${new URLSearchParams(said.map(([name, value]) => [name, String(value)]))}` : "";
}

/** @param {string} disposition */
function fileName(disposition) {
  const wide = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  if (wide?.[1]) return decodeURIComponent(wide[1]);
  return /filename="([^"]+)"/i.exec(disposition)?.[1] ?? "";
}
