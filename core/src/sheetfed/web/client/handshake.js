/** How a site comes to an understanding with the sheetfed on a person's computer: asked once, kept. */

import { Keys } from "./keys.js";
import { toThisDevice } from "./permission.js";
import { Problem } from "./problem.js";

const VERSION = "sheetfed-v1";
const WAIT = 25; // seconds that the service lets one question about a pairing rest
const EARLY = 60; // seconds before its end that a token is renewed

/** One service, as this site meets it. */
export class Handshake {
  #address;
  #keys = new Keys();
  /** @type {Promise<string> | null} */ #token = null;
  #until = 0; // when the token is to be renewed
  #last = "";

  /** @param {string} address   where the service listens, like `https://127.0.0.1:18911` */
  constructor(address) {
    this.#address = new URL(address).origin;
  }

  /** Where the service listens; what it knows of this site is the same wherever that is. */
  get address() {
    return this.#address;
  }

  set address(/** @type {string} */ address) {
    this.#address = new URL(address).origin;
  }

  /**
   * Asks the person at this computer for permission; ends when it was given. Throws a Problem, whose
   * status is 0 and whose `details.state` is `blocked` or `expired` where it was not.
   * @param {(code: string) => void} show   is given the code that the person must see on this page
   * @param {AbortSignal | null} [signal]
   */
  async pair(show, signal) {
    const { key } = await this.#keys.own();
    const { id, code, service, ...asked } = await this.#json("POST", "/v1/pairings", { key }, signal);
    let { state } = asked;
    if (state === "pending") show(code);
    while (state === "pending") ({ state } = await this.#json("GET", `/v1/pairings/${id}?wait=${WAIT}`, undefined, signal));
    if (state !== "approved") throw new Problem({ code: "not-allowed", detail: `The request is ${state}`, details: { state } });
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
    coming.catch(() => { if (this.#token === coming) this.#token = null; });
    return coming;
  }

  /**
   * The service knows a token no more; the next one is another one.
   * @param {string} token
   */
  refuse(token) {
    if (token !== this.#last) return; // another one came meanwhile
    this.#token = null;
  }

  /** Proves that this site has the key which was approved, to the service that was met then. */
  async #renew() {
    const { key, sign, service } = await this.#keys.own();
    if (!service) throw new Problem({ code: "not-allowed", detail: "This site has not been approved yet", details: { state: "unknown" } });
    const given = await this.#json("POST", "/v1/challenges", { key });
    const { challenge, service_id: id, signature } = given;
    if (!await service(`${VERSION}|service|${location.origin}|${challenge}`, signature)) {
      throw new Problem({ code: "not-allowed", detail: "This is not the sheetfed that approved this site", details: { state: "other" } });
    }
    const signed = await sign(`${VERSION}|${location.origin}|${id}|${challenge}`);
    const { token, expires_in: lasts } = await this.#json("POST", "/v1/tokens", { key, challenge, signature: signed });
    this.#until = Date.now() + (lasts - EARLY) * 1000;
    this.#last = token;
    return token;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [content]
   * @param {AbortSignal | null} [signal]
   * @returns {Promise<any>}
   */
  async #json(method, path, content, signal) {
    const body = content && JSON.stringify(content);
    const headers = content ? { "Content-Type": "application/json" } : undefined;
    const answer = await fetch(this.#address + path, {
      method, headers, body, signal, credentials: "omit", cache: "no-store", ...toThisDevice(),
    });
    if (!answer.ok) throw await Problem.of(answer);
    return answer.json();
  }
}
