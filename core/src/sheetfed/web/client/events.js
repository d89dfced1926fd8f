/** Follows what happens at the service, and connects again by itself. */

import { Problem } from "./problem.js";
import { pause, Wire } from "./wire.js";

const SILENCE = 40_000; // the service sends a sign of life every 15 seconds
const PATIENCE = [300, 600, 1_000, 2_000, 4_000]; // then always the last
const LATER = [404, 408, 429]; // what another answer may follow: a service that starts, or is busy

/**
 * One thing that happened. Two are about the stream: `ready` says that it is connected, at first and
 * after every break, and `reset` that some events were missed for good: read afresh what you show.
 * @typedef {object} Event
 * @property {string} id      its number; empty where there is nothing to come back to
 * @property {string} topic
 * @property {any} data
 */

/**
 * What is followed, and who is told of the connection.
 * @typedef {object} Following
 * @property {string[]} [topics]   all where nothing is said
 * @property {string} [after]      the id of the last event that was seen; what came after it is told first
 * @property {() => void} [down]   not connected; it is being tried again
 * @property {AbortSignal | null} [signal]
 */

/**
 * Gives events for ever, through restarts of the service and the sleep of the computer. Throws a
 * Problem only where the service refuses, and what the signal says.
 * @param {Wire} wire
 * @param {Following} following
 * @returns {AsyncGenerator<Event, void, void>}
 */
export async function* follow(wire, { topics, after = "", down, signal = null }) {
  let last = after;
  for (let tries = 0; ; tries += 1) {
    try {
      for await (const event of connection(wire, topics, last, signal)) {
        tries = 0;
        if (event.id) last = event.id;
        yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Problem && refused(error.status)) throw error;
    }
    signal?.throwIfAborted();
    down?.();
    await patience(tries, signal);
  }
}

/**
 * Whether asking again would change nothing.
 * @param {number} status
 */
function refused(status) {
  return status >= 400 && status < 500 && !LATER.includes(status);
}

/**
 * One stream, until it ends or is silent for too long.
 * @param {Wire} wire
 * @param {string[] | undefined} topics
 * @param {string} last
 * @param {AbortSignal | null} signal
 * @returns {AsyncGenerator<Event, void, void>}
 */
async function* connection(wire, topics, last, signal) {
  const ended = new AbortController();
  const either = signal ? AbortSignal.any([ended.signal, signal]) : ended.signal;
  let watch = setTimeout(() => ended.abort(), SILENCE);
  try {
    /** @type {Record<string, string>} */ const headers = { Accept: "text/event-stream" };
    if (last) headers["Last-Event-ID"] = last;
    const query = topics ? `?${new URLSearchParams({ topics: topics.join(",") })}` : "";
    const { body } = await wire.send("GET", `/v1/events${query}`, { headers, signal: either, cache: "no-store" });
    if (!body) return;
    for await (const event of read(body)) {
      clearTimeout(watch);
      watch = setTimeout(() => ended.abort(), SILENCE);
      if (event) yield event;
    }
  } finally {
    clearTimeout(watch);
    ended.abort();
  }
}

/**
 * Waits before the next try; not longer than until the computer or the tab wakes up.
 * @param {number} tries
 * @param {AbortSignal | null} signal
 */
async function patience(tries, signal) {
  const woken = new AbortController();
  const wake = () => woken.abort();
  const either = signal ? AbortSignal.any([woken.signal, signal]) : woken.signal;
  globalThis.addEventListener?.("online", wake, { signal: either });
  globalThis.document?.addEventListener("visibilitychange", wake, { signal: either });
  await pause(PATIENCE[Math.min(tries, PATIENCE.length - 1)] ?? 0, either).catch(() => signal?.throwIfAborted());
  wake();
}

/**
 * Reads a text/event-stream; a comment, which is a sign of life, comes out as null.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Event | null, void, void>}
 */
async function* read(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) yield parse(block);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/**
 * @param {string} block
 * @returns {Event | null}
 */
function parse(block) {
  const event = { id: "", topic: "", data: /** @type {any} */ (null) };
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") event.id = value;
    else if (name === "event") event.topic = value;
    else if (name === "data") data.push(value);
  }
  if (!event.topic) return null;
  return data.length ? { ...event, data: JSON.parse(data.join("\n")) } : event;
}
