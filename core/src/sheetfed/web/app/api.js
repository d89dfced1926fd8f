/** Talks to the service: one method for each route. */

import { Token } from "./token.js";

/**
 * @typedef {boolean | number | string | null} Value
 * @typedef {Record<string, Value>} Settings
 *
 * @typedef {object} Option
 * @property {string} name
 * @property {string} title
 * @property {"bool" | "int" | "float" | "text" | "choice" | "secret" | "action"} kind
 * @property {Value} default
 * @property {string} description
 * @property {string} unit
 * @property {{value: Value, title: string}[]} choices
 * @property {number | null} minimum
 * @property {number | null} maximum
 * @property {number | null} step
 * @property {string} group
 * @property {boolean} advanced
 * @property {boolean} readonly
 *
 * @typedef {object} Device
 * @property {string} id
 * @property {string} title
 * @property {string} vendor
 * @property {string} model
 * @property {"scanner" | "camera" | "folder"} kind
 *
 * @typedef {object} ProblemBody
 * @property {string} title
 * @property {string} detail
 * @property {string} code
 * @property {string} advice
 * @property {number} [status]
 * @property {{pointer: string, detail: string}[]} [errors]
 *
 * @typedef {object} Job
 * @property {string} id
 * @property {"waiting" | "scanning" | "paused" | "done" | "failed" | "cancelled"} state
 * @property {string} device
 * @property {string | null} document
 * @property {number} pages
 * @property {{page: string, step: string, error: ProblemBody}[]} problems
 * @property {ProblemBody | null} error
 * @property {string} activity
 * @property {number | null} done
 * @property {number} version
 *
 * @typedef {object} Page
 * @property {string} id
 * @property {string} document
 * @property {number} position
 * @property {string} media_type
 * @property {number} width
 * @property {number} height
 * @property {[number, number]} dpi
 * @property {string} side
 * @property {number} size
 * @property {string} etag
 *
 * @typedef {object} Document
 * @property {string} id
 * @property {string} title
 * @property {number} created
 * @property {number} changed
 * @property {number} version
 * @property {Page[]} pages
 *
 * A site that may scan, or may not ask again.
 * @typedef {object} Site
 * @property {string} origin
 * @property {string} display
 * @property {"approved" | "blocked" | "expired"} state
 * @property {number | null} approved
 * @property {number | null} last_used
 * @property {"person" | "configuration"} from
 * @property {string | null} [scanning]   the device it scans with now
 *
 * A site's request to scan.
 * @typedef {object} Pairing
 * @property {string} id
 * @property {string} origin
 * @property {string} display
 * @property {string} code
 * @property {number} expires_in
 *
 * @typedef {Omit<Document, "pages"> & {page_count: number, first_page: string | null}} DocumentHead
 */

/** What went wrong, in the service's own words. */
export class Problem extends Error {
  /** @param {Partial<ProblemBody>} body */
  constructor(body) {
    super(body.title || "");
    this.title = body.title || "";
    this.detail = body.detail || "";
    this.advice = body.advice || "";
    this.code = body.code || "failed";
    this.status = body.status ?? 0;
    this.errors = body.errors ?? [];
  }
}

/** The service's HTTP interface. */
export class Api {
  #token;

  /** @param {Token} token */
  constructor(token) {
    this.#token = token;
  }

  /**
   * Exchanges a nonce, which is good for one time.
   * @param {string} nonce
   * @returns {Promise<{token: string}>}
   */
  async pageToken(nonce) {
    const answer = await this.#send("POST", "/v1/page-tokens", json({ nonce }), "");
    return answer.json();
  }

  /** @returns {Promise<{version: string}>} */
  service() {
    return this.#json("GET", "/v1/service");
  }

  /** @returns {Promise<{items: {name: string, state: string, reason: string, distribution: string, version: string}[]}>} */
  addons() {
    return this.#json("GET", "/v1/addons");
  }

  /**
   * @param {boolean} refresh
   * @returns {Promise<{items: Device[], problems: {source: string, error: ProblemBody}[]}>}
   */
  devices(refresh) {
    return this.#json("GET", `/v1/devices?refresh=${refresh}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Device & {options: Option[]}>}
   */
  device(id) {
    return this.#json("GET", `/v1/devices/${encodeURIComponent(id)}`);
  }

  /**
   * @param {string} id
   * @param {Settings} settings
   * @returns {Promise<{options: Option[]}>}
   */
  options(id, settings) {
    return this.#json("POST", `/v1/devices/${encodeURIComponent(id)}/options`, { settings });
  }

  /**
   * @param {{device: string, settings: Settings, document?: string, keep?: {form: string}}} request
   * @returns {Promise<Job>}
   */
  startJob(request) {
    return this.#json("POST", "/v1/jobs", request);
  }

  /** @returns {Promise<{items: Job[]}>} */
  jobs() {
    return this.#json("GET", "/v1/jobs?limit=50");
  }

  /**
   * @param {string} id
   * @returns {Promise<Job>}
   */
  job(id) {
    return this.#json("GET", `/v1/jobs/${id}`);
  }

  /**
   * @param {string} id
   * @param {"cancel" | "continue" | "keep" | "discard"} verb
   * @returns {Promise<Job>}
   */
  tellJob(id, verb) {
    return this.#json("POST", `/v1/jobs/${id}/${verb}`);
  }

  /**
   * @param {string | null} cursor
   * @returns {Promise<{items: DocumentHead[], next: string | null}>}
   */
  documents(cursor) {
    const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    return this.#json("GET", `/v1/documents?limit=30${after}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Document>}
   */
  document(id) {
    return this.#json("GET", `/v1/documents/${id}`);
  }

  /**
   * @param {string} id
   * @param {string} title
   * @returns {Promise<Document>}
   */
  rename(id, title) {
    return this.#json("PATCH", `/v1/documents/${id}`, { title });
  }

  /** @param {string} id */
  deleteDocument(id) {
    return this.#json("DELETE", `/v1/documents/${id}`);
  }

  /**
   * @param {string} id
   * @param {string[]} pages
   * @param {string | null} before
   * @returns {Promise<Document>}
   */
  movePages(id, pages, before) {
    return this.#json("POST", `/v1/documents/${id}/move`, { pages, before });
  }

  /**
   * Removes pages; finishes even when the tab closes meanwhile.
   * @param {string} id
   * @param {string[]} pages
   * @returns {Promise<Document>}
   */
  removePages(id, pages) {
    return this.#json("POST", `/v1/documents/${id}/remove`, { pages }, { keepalive: true });
  }

  /**
   * @param {string} id
   * @param {{type: string, pages?: string[]}} wish
   * @returns {Promise<{data: Blob, name: string}>}
   */
  async file(id, { type, pages }) {
    const answer = await this.#send("POST", `/v1/documents/${id}/file`, {
      body: JSON.stringify({ type, pages }),
      headers: { "Content-Type": "application/json" },
    });
    const disposition = answer.headers.get("Content-Disposition") ?? "";
    return { data: await body(answer), name: fileName(disposition) };
  }

  /**
   * A picture of a page, as JPEG, that fits into these pixels.
   * @param {string} id
   * @param {{width: number, height: number}} room
   * @returns {Promise<Blob>}
   */
  async image(id, { width, height }) {
    const query = new URLSearchParams({ width: String(width), height: String(height), type: "image/jpeg" });
    return body(await this.#send("GET", `/v1/pages/${id}/image?${query}`));
  }

  /** @returns {Promise<{items: Site[], pending: Pairing[]}>} */
  sites() {
    return this.#json("GET", "/v1/sites");
  }

  /**
   * Lets the site in that asked, and shows this code.
   * @param {string} id
   * @param {string} code
   */
  approvePairing(id, code) {
    return this.#json("POST", `/v1/pairings/${id}/approve`, { code });
  }

  /** @param {string} id */
  blockPairing(id) {
    return this.#json("POST", `/v1/pairings/${id}/block`);
  }

  /**
   * @param {string} origin
   * @param {"approved" | "blocked"} state
   */
  decideSite(origin, state) {
    return this.#json("POST", "/v1/sites", { origin, state });
  }

  /**
   * Takes an approval back, or a block; the site may ask again.
   * @param {string} origin
   */
  forgetSite(origin) {
    return this.#json("DELETE", `/v1/sites?${new URLSearchParams({ origin })}`);
  }

  /**
   * The event stream, from the event after `last` on.
   * @param {string} last
   * @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  async events(last, signal) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "text/event-stream" };
    if (last) headers["Last-Event-ID"] = last;
    const answer = await this.#send("GET", "/v1/events", { headers, signal, cache: "no-store" });
    if (!answer.body) throw new Problem({ code: "service-gone" });
    return answer.body;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [content]
   * @param {RequestInit} [more]
   * @returns {Promise<any>}
   */
  async #json(method, path, content, more = {}) {
    const answer = await this.#send(method, path, content ? { ...more, ...json(content) } : more);
    return answer.status === 204 ? null : answer.json();
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {RequestInit} [more]
   * @param {string} [token]
   * @returns {Promise<Response>}
   */
  async #send(method, path, more = {}, token = this.#token.text) {
    const headers = new Headers(more.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    let answer;
    try {
      answer = await fetch(path, { ...more, method, headers, credentials: "omit" });
    } catch (error) {
      if (more.signal?.aborted) throw error;
      throw new Problem({ code: "service-gone" });
    }
    if (answer.ok) return answer;
    if (answer.status === 401) this.#token.refuse(token);
    throw new Problem({ ...await problemOf(answer), status: answer.status });
  }
}

/**
 * @param {object} content
 * @returns {RequestInit}
 */
function json(content) {
  return { body: JSON.stringify(content), headers: { "Content-Type": "application/json" } };
}

/**
 * Reads a body to its end; a stream that breaks off is a problem, not half a file.
 * @param {Response} answer
 */
async function body(answer) {
  try {
    return await answer.blob();
  } catch {
    throw new Problem({ code: "service-gone" });
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<Partial<ProblemBody>>}
 */
async function problemOf(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return { title: answer.statusText, status: answer.status };
  return answer.json().catch(() => ({ title: answer.statusText, status: answer.status }));
}

/** @param {string} disposition */
function fileName(disposition) {
  const wide = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  if (wide?.[1]) return decodeURIComponent(wide[1]);
  return /filename="([^"]+)"/i.exec(disposition)?.[1] ?? "";
}
