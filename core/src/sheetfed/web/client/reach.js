/** Finds the service on this computer, or says why it cannot be reached. */

import { isAtHome, isDelegated, isFramed, permission, toThisDevice } from "./permission.js";
import { Unreachable } from "./problem.js";
import { pause } from "./wire.js";

const HELLO = "/.well-known/sheetfed";
const API = 1; // the version of the interface that this client speaks
const PORTS = [18910, 18912, 18914, 18916]; // each with TLS on the next one
const PATIENCE = 4_000; // milliseconds for an answer, where nobody has to be asked
const NOTICE = 2_500; // after so many the browser's question is open, and the person has to be told
const TWIN = 400; // so many the TLS port may answer after the plain one
const QUICK = 1_000; // what fails later was closed by a person
const AFTER = 50;
const LAST = "sheetfed address";

/**
 * @typedef {object} Way
 * @property {string[]} [addresses]   where to look, like `http://127.0.0.1:18910`; else the usual ports
 * @property {"prefer" | "require" | "off"} [tls]   whether it must be the TLS port
 * @property {(state: Unreachable) => void | Promise<void>} [tell]   is told what goes on; the browser's
 *   question comes only after what this returns for `lna-prompt` is resolved
 * @property {AbortSignal | null} [signal]
 */

/**
 * Returns the address of the service. Throws Unreachable.
 * @param {Way} [way]
 * @returns {Promise<string>}
 */
export async function reach({ addresses, tls = "prefer", tell, signal = null } = {}) {
  if (!isSecureContext) throw new Unreachable("insecure-page");
  const before = await permission();
  if (before === "prompt" && isDelegated()) await unless(signal, tell?.(new Unreachable("lna-prompt")));
  const asking = new Asking(before === "prompt", tell, signal);
  try {
    const found = await first(rounds(addresses, tls), asking, tls === "require");
    remember(found);
    return found;
  } catch (error) {
    throw error instanceof Unreachable ? error : await asking.cause(String(error));
  } finally {
    asking.end();
  }
}

/**
 * Waits until the person has read something, or does not want to any more.
 * @param {AbortSignal | null} signal
 * @param {void | Promise<void>} read
 */
function unless(signal, read) {
  signal?.throwIfAborted();
  return Promise.race([read, new Promise((_, stop) => signal?.addEventListener("abort", () => stop(signal.reason), { once: true }))]);
}

/**
 * The addresses to try, in rounds: where it answered last, the usual pair, then the others.
 * @param {string[] | undefined} addresses
 * @param {string} tls
 * @returns {string[][]}
 */
function rounds(addresses, tls) {
  const all = addresses?.map((each) => new URL(each).origin)
    ?? PORTS.flatMap((port) => [`https://127.0.0.1:${port + 1}`, `http://127.0.0.1:${port}`]);
  const wanted = tls === "off" ? all.filter((each) => each.startsWith("http:")) : all;
  const last = remembered();
  const pair = wanted.slice(0, 2);
  const parts = [last && wanted.includes(last) ? [last] : [], pair, wanted.slice(2)];
  return parts.filter((part) => part.length > 0);
}

/**
 * @param {string[][]} parts
 * @param {Asking} asking
 * @param {boolean} secure
 */
async function first(parts, asking, secure) {
  let plain = "";
  for (const part of parts) {
    const found = await answering(part, asking);
    if (found && (!secure || found.startsWith("https:"))) return found;
    plain ||= found;
  }
  if (plain) throw new Unreachable("tls-not-trusted", { address: plain });
  throw new Error(parts.flat().join(", "));
}

/**
 * The first address that answers, TLS before plain where both do; empty where none does.
 * @param {string[]} addresses
 * @param {Asking} asking
 * @returns {Promise<string>}
 */
async function answering(addresses, asking) {
  const asked = addresses.map((address) => ({ address, said: asking.hello(address) }));
  const secure = asked.filter(({ address }) => address.startsWith("https:"));
  const plain = asked.filter(({ address }) => !address.startsWith("https:"));
  const best = any(secure);
  const other = any(plain);
  const quick = await Promise.race([best, other.then((found) => found && within(best, TWIN).then((twin) => twin || found))]);
  return quick || await best || other;
}

/**
 * @param {{address: string, said: Promise<boolean>}[]} asked
 * @returns {Promise<string>}
 */
async function any(asked) {
  const good = asked.map(async ({ address, said }) => await said ? address : Promise.reject(new Error("silent")));
  try {
    return await Promise.any(good);
  } catch (error) {
    const inner = /** @type {AggregateError} */ (error).errors.find((each) => each instanceof Unreachable || each?.name === "AbortError");
    if (inner) throw inner;
    return "";
  }
}

/**
 * @param {Promise<string>} coming
 * @param {number} milliseconds
 * @returns {Promise<string>}
 */
function within(coming, milliseconds) {
  return Promise.race([coming, new Promise((resolve) => { setTimeout(() => resolve(""), milliseconds); })]);
}

/** One attempt: what was asked, what the browser did with it, and what the person is told meanwhile. */
class Asking {
  #asked;
  #tell;
  #signal;
  #began = performance.now();
  #blocked = "";
  #done = new AbortController();
  #notice = 0;
  #space = toThisDevice();

  /**
   * @param {boolean} asked   the browser is going to ask the person
   * @param {Way["tell"]} tell
   * @param {AbortSignal | null} signal
   */
  constructor(asked, tell, signal) {
    this.#asked = asked;
    this.#tell = tell;
    this.#signal = signal;
    globalThis.document?.addEventListener("securitypolicyviolation", (event) => this.#violated(event), { signal: this.#done.signal });
    if (asked) this.#notice = setTimeout(() => this.#remind(), NOTICE);
  }

  /**
   * Whether sheetfed answers there. Throws Unreachable where it speaks another version.
   * @param {string} address
   * @returns {Promise<boolean>}
   */
  async hello(address) {
    const signals = [this.#signal, this.#done.signal, this.#asked ? null : AbortSignal.timeout(PATIENCE)];
    const signal = AbortSignal.any(signals.filter((each) => each !== null));
    try {
      const answer = await fetch(address + HELLO, { signal, credentials: "omit", cache: "no-store", ...this.#space });
      const said = await answer.json();
      if (answer.status === 429 && said.code === "too-many-requests") throw new Unreachable("busy");
      return answer.ok && said.product === "sheetfed" && isOurs(said.api);
    } catch (error) {
      if (error instanceof Unreachable || this.#signal?.aborted) throw error;
      return false;
    }
  }

  /**
   * Why nothing answered.
   * @param {string} addresses
   */
  async cause(addresses) {
    if (this.#signal?.aborted) return this.#signal.reason;
    const waited = performance.now() - this.#began;
    await pause(AFTER); // what the page's own policy stops is told after the request failed
    if (this.#blocked) return new Unreachable("csp-blocked", { needed: this.#blocked });
    if (!isAtHome() && !isDelegated()) return new Unreachable("not-delegated");
    const after = await permission();
    if (after === "denied") return new Unreachable(isFramed() && !tellsPolicy() ? "not-delegated" : "lna-denied");
    if (after === "prompt" && waited > QUICK) return new Unreachable("lna-dismissed");
    return new Unreachable("not-running", { addresses: addresses.replace(/^Error: /, "") });
  }

  end() {
    clearTimeout(this.#notice);
    this.#done.abort();
  }

  async #remind() {
    if (await permission() === "prompt") await this.#tell?.(new Unreachable("lna-prompt-open"));
  }

  /** @param {SecurityPolicyViolationEvent} event */
  #violated({ blockedURI, effectiveDirective, disposition }) {
    if (disposition !== "enforce" || effectiveDirective !== "connect-src") return;
    if (!/^https?:\/\/(127\.0\.0\.1|localhost|\[::1\]):/.test(blockedURI)) return;
    const { origin } = new URL(blockedURI);
    if (!this.#blocked.includes(origin)) this.#blocked = `${this.#blocked} ${origin}`.trim();
  }
}

/** Whether this browser tells a frame what it may do. */
function tellsPolicy() {
  return Boolean(/** @type {any} */ (globalThis.document)?.featurePolicy);
}

/**
 * @param {unknown} api
 * @returns {true}
 */
function isOurs(api) {
  if (api === API) return true;
  const code = Number(api) > API ? "service-too-new" : "service-too-old";
  throw new Unreachable(code, { found: String(api), wanted: String(API) });
}

function remembered() {
  try {
    return localStorage.getItem(LAST);
  } catch {
    return null; // storage may be switched off
  }
}

/** @param {string} address */
function remember(address) {
  try {
    localStorage.setItem(LAST, address);
  } catch {
    // then every port is tried the next time, too
  }
}
