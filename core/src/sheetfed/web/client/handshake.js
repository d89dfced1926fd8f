/** How a site comes to an understanding with the sheetfed on a person's computer: asked once, kept. */

import { Keys } from "./keys.js";

const VERSION = "sheetfed-v1";
const WAIT = 25; // seconds that the service lets one question about a pairing rest
const EARLY = 60; // seconds before its end that a token is renewed

/** The service, or the person, said no; `code` says which way. */
export class Refused extends Error {
  /** @param {{code?: string, title?: string, detail?: string, advice?: string, status?: number}} body */
  constructor({ code = "failed", title = "", detail = "", advice = "", status = 0 }) {
    super(detail || title || code);
    this.name = "Refused";
    this.code = code;
    this.advice = advice;
    this.status = status;
  }
}

/** One service, as this site meets it. */
export class Handshake {
  #address;
  #keys = new Keys();
  /** @type {Promise<string> | null} */ #token = null;
  #until = 0; // when the token is to be renewed

  /** @param {string} address   where the service listens, like `https://127.0.0.1:18911` */
  constructor(address) {
    this.#address = new URL(address).origin;
  }

  /**
   * Asks the person at this computer for permission; ends when it was given. Throws Refused with the
   * code `blocked` or `expired` where it was not.
   * @param {(code: string) => void} show   is given the code that the person must see on this page
   * @param {AbortSignal} [signal]
   */
  async pair(show, signal) {
    const { key } = await this.#keys.own();
    const { id, code, service, ...asked } = await this.#json("POST", "/v1/pairings", { key }, signal);
    let { state } = asked;
    if (state === "pending") show(code);
    while (state === "pending") ({ state } = await this.#json("GET", `/v1/pairings/${id}?wait=${WAIT}`, undefined, signal));
    if (state !== "approved") throw new Refused({ code: state, detail: `The request is ${state}` });
    await this.#keys.meet(service);
  }

  /**
   * A token that is good for some time yet.
   * @returns {Promise<string>}
   */
  token() {
    if (this.#token && Date.now() < this.#until) return this.#token;
    this.#until = Infinity;
    const coming = this.#token = this.#renew();
    coming.catch(() => this.#drop(coming));
    return coming;
  }

  /**
   * `fetch` at the service, in this site's name. An answer that is an error comes back like any other.
   * @param {string} path
   * @param {RequestInit} [more]
   * @returns {Promise<Response>}
   */
  async fetch(path, more = {}) {
    const asked = this.token();
    const answer = await this.#send(path, more, await asked);
    if (answer.status !== 401) return answer;
    this.#drop(asked);
    return this.#send(path, more, await this.token());
  }

  /** Proves that this site has the key which was approved, to the service that was met then. */
  async #renew() {
    const { key, sign, service } = await this.#keys.own();
    if (!service) throw new Refused({ code: "not-paired", detail: "This site has not been approved yet" });
    const given = await this.#json("POST", "/v1/challenges", { key });
    const { challenge, service_id: id, signature } = given;
    if (!await service(`${VERSION}|service|${location.origin}|${challenge}`, signature)) {
      throw new Refused({ code: "other-service", detail: "This is not the sheetfed that approved this site" });
    }
    const signed = await sign(`${VERSION}|${location.origin}|${id}|${challenge}`);
    const { token, expires_in: lasts } = await this.#json("POST", "/v1/tokens", { key, challenge, signature: signed });
    this.#until = Date.now() + (lasts - EARLY) * 1000;
    return token;
  }

  /** @param {Promise<string>} token */
  #drop(token) {
    if (this.#token === token) this.#token = null;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [content]
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async #json(method, path, content, signal) {
    const body = content && JSON.stringify(content);
    const headers = content ? { "Content-Type": "application/json" } : undefined;
    const answer = await this.#send(path, { method, headers, body, signal });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused({ ...said, status: answer.status });
    return said;
  }

  /**
   * @param {string} path
   * @param {RequestInit} more
   * @param {string} [token]
   */
  #send(path, more, token) {
    const headers = new Headers(more.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    return fetch(this.#address + path, { ...more, headers, credentials: "omit", cache: "no-store" });
  }
}
