/** Live pictures of a camera, the newest first and only. */

import { Problem } from "./problem.js";

const LONGEST = 32 << 20; // bytes of one picture
const HEAD = 64 << 10; // bytes of its headers

/**
 * What a camera sees at one moment. The corners of `marks` are pixels of this picture.
 * @typedef {object} Frame
 * @property {Blob} blob      a JPEG
 * @property {number} width
 * @property {number} height
 * @property {number} time    when it was taken, in seconds since 1970
 * @property {import("./shapes.js").Mark[]} marks
 */

/**
 * Makes a frame of a JPEG and the headers that came with it.
 * @param {Blob} data
 * @param {Headers} headers
 * @returns {Frame}
 */
export function frameOf(data, headers) {
  const [width = 0, height = 0] = (headers.get("Sheetfed-Size") ?? "").split("x").map(Number);
  const blob = data.type ? data : new Blob([data], { type: "image/jpeg" });
  const marks = JSON.parse(headers.get("Sheetfed-Marks") || "[]");
  return { blob, width, height, time: Number(headers.get("Sheetfed-Time")), marks };
}

/**
 * Looks through a camera until the loop is left. Throws a Problem where the service refuses or the camera
 * fails, and what the signal says.
 * @param {import("./wire.js").Wire} wire
 * @param {string} path
 * @param {AbortSignal | null} signal
 * @returns {AsyncGenerator<Frame, void, void>}
 */
export async function* watch(wire, path, signal) {
  const left = new AbortController();
  const either = signal ? AbortSignal.any([left.signal, signal]) : left.signal;
  try {
    const { body } = await wire.send("GET", path, { signal: either, cache: "no-store" });
    if (body) yield* play(body);
  } finally {
    left.abort();
  }
}

/**
 * Gives the newest picture each time, and leaves out those that came meanwhile.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Frame, void, void>}
 */
async function* play(stream) {
  const reader = stream.getReader();
  /** @type {Uint8Array} */ let rest = new Uint8Array();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(broken);
      if (done) return;
      rest = joined(rest, value);
      /** @type {Part | null} */ let newest = null;
      for (let part = next(rest); part; part = next(rest)) {
        if (!part.headers.get("Content-Type")?.startsWith("image/")) throw await problem(part.body);
        newest = part;
        rest = rest.subarray(part.end);
      }
      if (newest) yield frameOf(newest.body, newest.headers);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/**
 * @typedef {object} Part
 * @property {Headers} headers
 * @property {Blob} body
 * @property {number} end   where the next one begins
 */

/**
 * The first part that is whole.
 * @param {Uint8Array} bytes
 * @returns {Part | null}
 */
function next(bytes) {
  const start = headEnd(bytes);
  if (start < 0) {
    if (bytes.length > HEAD) throw new Problem({ detail: "The preview is not understood" });
    return null;
  }
  const [, ...lines] = new TextDecoder().decode(bytes.subarray(0, start)).trim().split("\r\n");
  const headers = new Headers(lines.map((line) => {
    const colon = line.indexOf(":");
    return /** @type {[string, string]} */ ([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }));
  const size = Number(headers.get("Content-Length") ?? NaN);
  if (!(size >= 0 && size <= LONGEST)) throw new Problem({ detail: "The preview is not understood" });
  const end = start + size + 2;
  if (bytes.length < end) return null;
  return { headers, body: new Blob([bytes.slice(start, start + size)], { type: headers.get("Content-Type") ?? "" }), end };
}

/**
 * Where the empty line behind a part's headers ends; -1 where it has not come yet.
 * @param {Uint8Array} bytes
 */
function headEnd(bytes) {
  for (let at = bytes.indexOf(13); at >= 0 && at + 3 < bytes.length; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at + 4;
  }
  return -1;
}

/**
 * @param {Uint8Array} first
 * @param {Uint8Array} second
 */
function joined(first, second) {
  if (!first.length) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/**
 * A stream that breaks off is a service that went, but for one that nobody wants any more.
 * @param {unknown} error
 * @returns {never}
 */
function broken(error) {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw new Problem({ code: "service-gone" });
}

/** @param {Blob} body */
async function problem(body) {
  return new Problem(JSON.parse(await body.text()));
}
