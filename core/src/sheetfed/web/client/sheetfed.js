/** The service, with a method for everything that it can do. */

import { follow } from "./events.js";
import { frameOf, watch } from "./preview.js";
import { Scan } from "./scan.js";
import { Wire } from "./wire.js";

/**
 * @typedef {import("./shapes.js").Schemas} Schemas
 * @typedef {import("./shapes.js").Settings} Settings
 * @typedef {import("./shapes.js").Job} Job
 * @typedef {import("./shapes.js").JobWish} JobWish
 * @typedef {import("./shapes.js").Page} Page
 * @typedef {import("./shapes.js").Document} Document
 * @typedef {import("./shapes.js").EditOffer} EditOffer
 * @typedef {import("./shapes.js").EditWish} EditWish
 * @typedef {import("./shapes.js").Chosen} Chosen
 * @typedef {import("./shapes.js").Asking} Asking
 * @typedef {import("./shapes.js").Place} Place
 * @typedef {import("./shapes.js").Tagged} Tagged
 * @typedef {import("./shapes.js").Opening} Opening
 * @typedef {import("./shapes.js").Delivery} Delivery
 * @typedef {import("./events.js").Following} Following
 * @typedef {import("./preview.js").Frame} Frame
 * @typedef {import("./scan.js").Watching} Watching
 */

const BYTES = "application/octet-stream"; // the service looks at the bytes themselves

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
   * What holds on this machine, what does not, and what to do. Takes some seconds.
   *
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["MachineFindings"]>}
   */
  findings(asking) {
    return this.#get("/v1/findings", asking);
  }

  /**
   * One zip of plain text for somebody who helps; only for the person at the computer.
   * @param {Asking} [asking]
   * @returns {Promise<{data: Blob, name: string}>}
   */
  async saveFindings(asking) {
    const { data, headers } = await this.#wire.blob("GET", "/v1/findings/bundle", { ...asking });
    return { data, name: fileName(headers.get("Content-Disposition") ?? "") };
  }

  /**
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Figures"]>}
   */
  figures(asking) {
    return this.#get("/v1/figures", asking);
  }

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
   * @param {{hold?: string} & Asking} [asking]
   * @returns {Promise<Schemas["Options"]>}
   */
  adjustDevice(id, settings, { hold, ...asking } = {}) {
    return this.#post(`/v1/devices/${encodeURIComponent(id)}/options`, { settings, hold }, asking);
  }

  /**
   * Keeps a device for a job that starts soon, for ten minutes at most; with the id of such a hold, longer. The job
   * and `adjustDevice` name it as `hold`; everybody else finds the device busy.
   * @param {string} id
   * @param {number} seconds
   * @param {{hold?: string} & Asking} [asking]
   * @returns {Promise<Schemas["Hold"]>}
   */
  holdDevice(id, seconds, { hold, ...asking } = {}) {
    return this.#post(`/v1/devices/${encodeURIComponent(id)}/hold`, { seconds, hold }, asking);
  }

  /**
   * Lets others have a device that is kept; the person may do so for anybody.
   * @param {string} id
   * @param {{hold?: string} & Asking} [asking]
   * @returns {Promise<void>}
   */
  async freeDevice(id, { hold, ...asking } = {}) {
    await this.#wire.json("DELETE", `/v1/devices/${encodeURIComponent(id)}/hold${query({ hold })}`, asking);
  }

  /**
   * Live pictures of a camera, the newest each time, until the loop is left or the signal says so. At
   * most `fps` a second, no larger than `width` by `height`; with `sheet`, marks say where the paper lies.
   * @param {string} id
   * @param {{width?: number, height?: number, fps?: number, sheet?: boolean} & Asking} [wish]
   * @returns {AsyncGenerator<Frame, void, void>}
   */
  preview(id, { signal = null, ...wish } = {}) {
    return watch(this.#wire, `/v1/devices/${encodeURIComponent(id)}/preview${query(wish)}`, signal);
  }

  /**
   * One live picture of a camera.
   * @param {string} id
   * @param {{width?: number, height?: number, sheet?: boolean} & Asking} [wish]
   * @returns {Promise<Frame>}
   */
  async frame(id, { signal, ...wish } = {}) {
    const path = `/v1/devices/${encodeURIComponent(id)}/frame${query(wish)}`;
    const { data, headers } = await this.#wire.blob("GET", path, { signal, cache: "no-store" });
    return frameOf(data, headers);
  }

  /**
   * Sets options of a device while a preview of it goes on.
   * @param {string} id
   * @param {Settings} settings
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Options"]>}
   */
  tuneDevice(id, settings, asking) {
    return this.#wire.json("PATCH", `/v1/devices/${encodeURIComponent(id)}/options`, { json: { settings }, ...asking });
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
   * Lists documents, the newest first; with `tag`, those that have it.
   * @param {Tagged & Asking} [asking]
   * @returns {Promise<Schemas["Documents"]>}
   */
  listDocuments(asking) {
    return this.#list("/v1/documents", asking);
  }

  /**
   * Makes a document, empty or as a copy of another.
   * @param {Schemas["NewDocument"]} [wish]
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
   * Gives another title, other tags or other info; what is not named stays.
   * @param {string} id
   * @param {Schemas["Wording"]} words
   * @returns {Promise<Document>}
   */
  describeDocument(id, words) {
    return this.#wire.json("PATCH", `/v1/documents/${id}`, { json: words });
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
   * Parts a document: new ones begin at these pages.
   * @param {string} id
   * @param {Schemas["SplitPart"][]} parts
   * @returns {Promise<Schemas["Parts"]>}
   */
  splitDocument(id, parts) {
    return this.#post(`/v1/documents/${id}/split`, { parts });
  }

  /**
   * Parts a document by what steps found on its pages.
   * @param {string} id
   * @param {Schemas["Separation"]} wish
   * @returns {Promise<Schemas["Parts"]>}
   */
  separateDocument(id, wish) {
    return this.#post(`/v1/documents/${id}/separate`, wish);
  }

  /**
   * Lets pages that are kept take steps.
   * @param {string} id
   * @param {Schemas["NewRound"]} wish
   * @returns {Promise<Schemas["Round"]>}
   */
  startRound(id, wish) {
    return this.#post(`/v1/documents/${id}/steps`, wish);
  }

  /**
   * How far the steps of a round are.
   * @param {string} id
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Round"]>}
   */
  getRound(id, asking) {
    return this.#get(`/v1/rounds/${id}`, asking);
  }

  /**
   * Stops a round; pages that took their steps keep what was found.
   * @param {string} id
   * @returns {Promise<Schemas["Round"]>}
   */
  stopRound(id) {
    return this.#wire.json("DELETE", `/v1/rounds/${id}`);
  }

  /**
   * Moves all pages of other documents into this one, and deletes those.
   * @param {string} id
   * @param {Schemas["Merge"]} wish
   * @returns {Promise<Document>}
   */
  mergeDocuments(id, wish) {
    return this.#post(`/v1/documents/${id}/merge`, wish);
  }

  /**
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["TagUses"]>}
   */
  listTags(asking) {
    return this.#get("/v1/tags", asking);
  }

  // The pages of a document.

  /**
   * @param {string} id
   * @param {Tagged & Asking} [asking]
   * @returns {Promise<Schemas["Pages"]>}
   */
  listPages(id, asking) {
    return this.#list(`/v1/documents/${id}/pages`, asking);
  }

  /**
   * Gives tags to pages, and takes others away.
   * @param {string} id
   * @param {Schemas["Retag"]} wish
   * @returns {Promise<Document>}
   */
  tagPages(id, wish) {
    return this.#post(`/v1/documents/${id}/tag`, wish);
  }

  /**
   * Reverses pages, or puts fronts and backs together or apart.
   * @param {string} id
   * @param {Schemas["Arrangement"]} wish
   * @returns {Promise<Document>}
   */
  arrangePages(id, wish) {
    return this.#post(`/v1/documents/${id}/arrange`, wish);
  }

  /**
   * Puts copies of pages, of this document or others, before another one or at the end.
   * @param {string} id
   * @param {string[]} pages
   * @param {string | null} [before]
   * @returns {Promise<Document>}
   */
  copyPages(id, pages, before = null) {
    return this.#post(`/v1/documents/${id}/copy`, { pages, before });
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
   * @param {Chosen} pages
   * @returns {Promise<Document>}
   */
  removePages(id, pages) {
    return this.#wire.json("POST", `/v1/documents/${id}/remove`, { json: { pages }, keepalive: pages.length < 1000 });
  }

  /**
   * The document, or some of its pages in the order given, as a file.
   * @param {string} id
   * @param {Schemas["FileWish"]} [wish]
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

  /**
   * What the file of a page knows of it: words with their places, fonts, pictures, links.
   * @param {string} id
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Contents"]>}
   */
  getContents(id, asking) {
    return this.#get(`/v1/pages/${id}/contents`, asking);
  }

  /**
   * Where words stand in a document, on some of its pages; `next` is the cursor for those behind them.
   * @param {string} id
   * @param {string} find
   * @param {{cursor?: string} & Asking} [how]
   * @returns {Promise<Schemas["Findings"]>}
   */
  findText(id, find, { cursor, ...asking } = {}) {
    return this.#get(`/v1/documents/${id}/text${query({ find, cursor })}`, asking);
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

  // Files in, files out.

  /**
   * The formats that files are read and written in, and what can be asked of each.
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Formats"]>}
   */
  listFormats(asking) {
    return this.#get("/v1/formats", asking);
  }

  /**
   * Puts the pages of a file into a document.
   * @param {string} id
   * @param {Blob} file
   * @param {{before?: string | null} & Opening} [how]
   * @returns {Promise<Schemas["Imported"]>}
   */
  importPages(id, file, how = {}) {
    return this.#upload(`/v1/documents/${id}/pages`, file, how);
  }

  /**
   * Makes a document of a file; where that fails there is none.
   * @param {Blob} file
   * @param {{title?: string, private?: boolean} & Opening} [how]
   * @returns {Promise<Document>}
   */
  importDocument(file, how = {}) {
    return this.#upload("/v1/imports", file, how);
  }

  // Deliveries.

  /**
   * The places that documents can go to, and what each one asks.
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Targets"]>}
   */
  listTargets(asking) {
    return this.#get("/v1/targets", asking);
  }

  /**
   * Whether a target would take a document.
   * @param {string} name
   * @param {Asking} [asking]
   * @returns {Promise<Schemas["Trial"]>}
   */
  testTarget(name, asking) {
    return this.#post(`/v1/targets/${encodeURIComponent(name)}/test`, undefined, asking);
  }

  /**
   * Sends a document, or some of its pages, to a target; the same key again answers with the delivery
   * that is there.
   * @param {Schemas["NewDelivery"]} wish
   * @param {{key?: string} & Asking} [asking]
   * @returns {Promise<Delivery>}
   */
  sendDocument(wish, { key = crypto.randomUUID(), signal } = {}) {
    return this.#wire.json("POST", "/v1/deliveries", { json: wish, headers: { "Idempotency-Key": key }, signal });
  }

  /**
   * Sends a file as it is to a target.
   * @param {Blob} file
   * @param {{target: string, name: string, type?: string, fields?: Settings} & Asking} how
   * @returns {Promise<Delivery>}
   */
  sendFile(file, how) {
    return this.#upload("/v1/deliveries/files", file, how);
  }

  /**
   * @param {Place & Asking} [asking]
   * @returns {Promise<Schemas["Deliveries"]>}
   */
  listDeliveries(asking) {
    return this.#list("/v1/deliveries", asking);
  }

  /**
   * @param {string} id
   * @param {Asking} [asking]
   * @returns {Promise<Delivery>}
   */
  getDelivery(id, asking) {
    return this.#get(`/v1/deliveries/${id}`, asking);
  }

  /**
   * Gives a delivery up.
   * @param {string} id
   * @returns {Promise<Delivery>}
   */
  cancelDelivery(id) {
    return this.#post(`/v1/deliveries/${id}/cancel`);
  }

  /**
   * Tries a delivery again now, also one that failed.
   * @param {string} id
   * @returns {Promise<Delivery>}
   */
  retryDelivery(id) {
    return this.#post(`/v1/deliveries/${id}/retry`);
  }

  // Edits. The original stays; what is done can be undone.

  /**
   * @param {Asking} [asking]
   * @returns {Promise<{items: EditOffer[]}>}
   */
  listEdits(asking) {
    return this.#get("/v1/edits", asking);
  }

  /**
   * Edits a page; with `replace`, in place of its last edit, as while something is dragged.
   * @param {string} id
   * @param {EditWish[]} edits
   * @param {{replace?: boolean} & Asking} [asking]
   * @returns {Promise<Page>}
   */
  editPage(id, edits, { replace = false, ...asking } = {}) {
    return this.#post(`/v1/pages/${id}/edits`, { edits, replace }, asking);
  }

  /**
   * Takes back the last edit of a page, or all.
   * @param {string} id
   * @param {{all?: boolean}} [how]
   * @returns {Promise<Page>}
   */
  undoPage(id, how = {}) {
    return this.#post(`/v1/pages/${id}/undo`, how);
  }

  /**
   * Does again what was taken back on a page.
   * @param {string} id
   * @param {{all?: boolean}} [how]
   * @returns {Promise<Page>}
   */
  redoPage(id, how = {}) {
    return this.#post(`/v1/pages/${id}/redo`, how);
  }

  /**
   * Edits pages of a document, all or none.
   * @param {string} id
   * @param {EditWish[]} edits
   * @param {{pages?: Chosen, replace?: boolean} & Asking} [asking]
   * @returns {Promise<Document>}
   */
  editPages(id, edits, { pages = "all", replace = false, ...asking } = {}) {
    return this.#post(`/v1/documents/${id}/edits`, { edits, pages, replace }, asking);
  }

  /**
   * Takes back the last edit of each of a document's pages, or all.
   * @param {string} id
   * @param {{pages?: Chosen, all?: boolean}} [how]
   * @returns {Promise<Document>}
   */
  undoPages(id, how = {}) {
    return this.#post(`/v1/documents/${id}/undo`, how);
  }

  /**
   * Does again what was taken back on each of a document's pages.
   * @param {string} id
   * @param {{pages?: Chosen, all?: boolean}} [how]
   * @returns {Promise<Document>}
   */
  redoPages(id, how = {}) {
    return this.#post(`/v1/documents/${id}/redo`, how);
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
   * @param {Blob} file
   * @param {{[name: string]: unknown} & Asking} how
   */
  #upload(path, file, { signal, ...how }) {
    const asked = Object.entries(how).map(([name, value]) => [name, value instanceof Object ? JSON.stringify(value) : value]);
    const more = { body: file, headers: { "Content-Type": BYTES }, signal };
    return this.#wire.json("POST", path + query(Object.fromEntries(asked)), more);
  }

  /**
   * @param {string} path
   * @param {Tagged & Asking} [asking]
   */
  #list(path, { signal, ...which } = {}) {
    return this.#get(path + query(which), { signal });
  }
}

/**
 * @param {Record<string, string | number | boolean | null | undefined>} values
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
