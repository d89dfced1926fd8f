/** What can go wrong: an error of the service, or no way to it. */

import { CAUSES } from "./causes.js";

/** The codes of every error that the service tells; docs/reference/errors.md says what each one means. */
export const CODES = /** @type {const} */ ([
  "addon-broken", "addon-missing", "bad-config", "bad-request", "bad-settings", "cancelled", "conflict",
  "cover-open", "delivery-unsure", "device-busy", "device-denied", "device-failed", "device-gone", "disk-full", "double-feed",
  "driver-crashed", "driver-lied", "driver-timeout", "exhausted", "failed", "feeder-empty", "key-unavailable",
  "not-allowed", "not-found", "paper-jam", "password-needed", "port-taken", "quota-reached", "service-gone", "stale",
  "store-damaged", "store-gone", "store-locked", "system-refused", "target-refused", "target-unreachable", "too-large",
  "too-many-requests", "trust-broken", "unreadable", "unsupported-type",
]);

/**
 * @typedef {typeof CODES[number]} Code
 * @typedef {import("./shapes.js").ProblemBody} ProblemBody
 * @typedef {import("./causes.js").CauseCode} CauseCode
 */

/** What went wrong, in the service's own words. `service-gone` is the one that no service tells. */
export class Problem extends Error {
  /** @param {{title?: string, detail?: string, advice?: string, code?: string, status?: number, details?: object, errors?: ProblemBody["errors"]}} body */
  constructor(body) {
    super(body.detail || body.title || body.code || "failed");
    this.name = "Problem";
    this.title = body.title ?? "";
    this.detail = body.detail ?? "";
    this.advice = body.advice ?? "";
    this.code = /** @type {Code} */ (body.code ?? "failed");
    this.status = body.status ?? 0;
    /** @type {Record<string, unknown>} */ this.details = { ...body.details };
    this.errors = body.errors ?? [];
  }

  /**
   * Reads what an answer tells.
   * @param {Response} answer
   * @returns {Promise<Problem>}
   */
  static async of(answer) {
    const otherwise = { title: answer.statusText || `HTTP ${answer.status}`, code: "failed" }; // HTTP/2 has no words for it
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    const body = isJson ? await answer.json().catch(() => otherwise) : otherwise;
    return new Problem({ ...body, status: answer.status });
  }
}

/** There is no way to the service; `code` names the cause, `person` and `developer` say what to do. */
export class Unreachable extends Error {
  /**
   * @param {CauseCode} code
   * @param {Record<string, string>} [facts]   what the sentences are filled with
   */
  constructor(code, facts = {}) {
    const told = { site: globalThis.location?.host ?? "", origin: globalThis.location?.origin ?? "", ...facts };
    const cause = CAUSES[code];
    super(fill(cause.developer, told));
    this.name = "Unreachable";
    this.code = code;
    this.facts = told;
    this.person = fill(cause.person, told);
    this.developer = fill(cause.developer, told);
  }
}

/**
 * Puts values where a text names them in braces.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
