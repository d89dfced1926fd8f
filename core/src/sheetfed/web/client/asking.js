/** The forms that most questions to the service have. */

import { Wire } from "./wire.js";

/**
 * @typedef {import("./shapes.js").Asking} Asking
 * @typedef {import("./shapes.js").Tagged} Tagged
 */

const BYTES = "application/octet-stream"; // the service looks at the bytes themselves

/**
 * @param {Wire} wire
 * @param {string} path
 * @param {Asking} [asking]
 */
export function get(wire, path, asking) {
  return wire.json("GET", path, asking);
}

/**
 * @param {Wire} wire
 * @param {string} path
 * @param {object} [json]
 * @param {Asking} [asking]
 */
export function post(wire, path, json, asking) {
  return wire.json("POST", path, { json, ...asking });
}

/**
 * @param {Wire} wire
 * @param {string} path
 * @param {Tagged & Asking} [asking]
 */
export function list(wire, path, { signal, ...which } = {}) {
  return get(wire, path + query(which), { signal });
}

/**
 * @param {Wire} wire
 * @param {string} path
 * @param {Blob} file
 * @param {{method?: string, [name: string]: unknown} & Asking} how
 */
export function upload(wire, path, file, { signal, method = "POST", ...how }) {
  const asked = Object.entries(how).map(([name, value]) => [name, value instanceof Object ? JSON.stringify(value) : value]);
  const more = { body: file, headers: { "Content-Type": BYTES }, signal };
  return wire.json(method, path + query(Object.fromEntries(asked)), more);
}

/**
 * A path with values in it, each of them one part of it, whatever it holds.
 * @param {TemplateStringsArray} parts
 * @param {...string} values
 */
export function route(parts, ...values) {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/**
 * What stands behind a path; what is undefined or null is left out.
 * @param {Record<string, string | number | boolean | null | undefined>} values
 */
export function query(values) {
  const said = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return said.length ? `?${new URLSearchParams(said.map(([name, value]) => [name, String(value)]))}` : "";
}

/**
 * The name that an answer gives its file.
 * @param {Headers} headers
 */
export function fileName(headers) {
  const disposition = headers.get("Content-Disposition") ?? "";
  const wide = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  if (wide?.[1]) return decodeURIComponent(wide[1]);
  return /filename="([^"]+)"/i.exec(disposition)?.[1] ?? "";
}
