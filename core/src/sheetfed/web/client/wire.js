/** Sends requests to the service in somebody's name, and turns what went wrong into a Problem. */

import { toThisDevice } from "./permission.js";
import { Problem } from "./problem.js";

const LONGEST = 5; // seconds that a request may be put off when the service says "too many"

/**
 * Who asks: gives tokens, and hears which one the service refused.
 * @typedef {object} Pass
 * @property {() => string | Promise<string>} token   an empty one is not sent
 * @property {(token: string) => void} refuse
 */

/**
 * What a request is made of, beside its method and path.
 * @typedef {object} Sending
 * @property {object} [json]   its body
 * @property {BodyInit} [body]
 * @property {Record<string, string>} [headers]
 * @property {boolean} [keepalive]
 * @property {RequestCache} [cache]
 * @property {AbortSignal | null} [signal]
 */

/** The way to one service. */
export class Wire {
  #pass;
  #find;
  #space = toThisDevice();
  /** @type {Promise<boolean> | null} */ #finding = null;

  /**
   * @param {string} address
   * @param {Pass} pass
   * @param {() => Promise<string>} [find]   looks where the service is when it does not answer any more
   */
  constructor(address, pass, find) {
    this.address = address;
    this.#pass = pass;
    this.#find = find;
  }

  /**
   * Sends a request and reads the JSON of the answer; null where there is none.
   * @param {string} method
   * @param {string} path
   * @param {Sending} [more]
   * @returns {Promise<any>}
   */
  async json(method, path, more) {
    const answer = await this.send(method, path, more);
    return answer.status === 204 ? null : read(answer, "json");
  }

  /**
   * Sends a request and reads the bytes of the answer, to their end or not at all.
   * @param {string} method
   * @param {string} path
   * @param {Sending} [more]
   * @returns {Promise<{data: Blob, headers: Headers}>}
   */
  async blob(method, path, more) {
    const answer = await this.send(method, path, more);
    return { data: await read(answer, "blob"), headers: answer.headers };
  }

  /**
   * Sends a request. Throws a Problem; one of code `service-gone` where nothing answers.
   * @param {string} method
   * @param {string} path
   * @param {Sending} [more]
   * @returns {Promise<Response>}
   */
  async send(method, path, more = {}) {
    const token = await this.#token(more.signal);
    let answer = await this.#reached(method, path, more, token);
    if (answer.status === 401) {
      this.#pass.refuse(token);
      const fresh = await this.#token(more.signal);
      if (fresh && fresh !== token) answer = await this.#try(method, path, more, fresh);
    }
    const after = Number(answer.headers.get("Retry-After"));
    if (answer.status === 429 && after > 0 && after <= LONGEST) {
      await pause(after * 1000, more.signal);
      answer = await this.#try(method, path, more, await this.#token(more.signal));
    }
    if (answer.ok) return answer;
    throw await Problem.of(answer);
  }

  /** @param {AbortSignal | null | undefined} signal */
  async #token(signal) {
    try {
      return await this.#pass.token();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (!await this.#found()) throw gone();
      signal?.throwIfAborted();
      return Promise.resolve(this.#pass.token()).catch((again) => { throw again instanceof TypeError ? gone() : again; });
    }
  }

  /**
   * Tries once more where the service answers, at its new place perhaps, where that does no harm. A page that may
   * not ask any more cannot read that, only that it gets no token.
   * @param {string} method
   * @param {string} path
   * @param {Sending} more
   * @param {string} token
   */
  async #reached(method, path, more, token) {
    try {
      return await this.#try(method, path, more, token);
    } catch (error) {
      const harmless = method === "GET" || more.headers?.["Idempotency-Key"];
      if (more.signal?.aborted || !await this.#found()) throw error;
      this.#pass.refuse(token);
      const fresh = await this.#token(more.signal);
      if (!harmless) throw error;
      return this.#try(method, path, more, fresh);
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Sending} more
   * @param {string} token
   */
  async #try(method, path, { json, headers = {}, ...more }, token) {
    /** @type {Record<string, string>} */ const sent = { ...headers };
    if (token) sent["Authorization"] = `Bearer ${token}`;
    if (json) sent["Content-Type"] = "application/json";
    const body = json ? JSON.stringify(json) : more.body;
    try {
      return await fetch(this.address + path, {
        ...more, ...this.#space, method, body, headers: sent, credentials: "omit",
      });
    } catch (error) {
      if (more.signal?.aborted) throw error;
      throw gone();
    }
  }

  /** Whether the service answers, here or at another place. */
  #found() {
    this.#finding ??= this.#look().finally(() => { this.#finding = null; });
    return this.#finding;
  }

  async #look() {
    const found = await this.#find?.().catch(() => "");
    if (found) this.address = found;
    return Boolean(found);
  }
}

/**
 * Reads a body to its end; one that breaks off is a problem, not half of what was asked.
 * @param {Response} answer
 * @param {"json" | "blob"} form
 */
async function read(answer, form) {
  try {
    return await answer[form]();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw gone();
  }
}

function gone() {
  return new Problem({ code: "service-gone" });
}

/**
 * Waits. Throws where it is aborted meanwhile.
 * @param {number} milliseconds
 * @param {AbortSignal | null} [signal]
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(finish, milliseconds);
    signal?.addEventListener("abort", stop);
    function finish() {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
  });
}
