/** Follows the service's events and connects again by itself. */

import { Api } from "./api.js";

const SILENCE = 40_000; // the service sends a sign of life every 15 seconds
const PATIENCE = [300, 600, 1_000, 2_000, 4_000]; // then always the last

/**
 * @typedef {object} Event
 * @property {string} id
 * @property {string} topic
 * @property {any} data
 */

/**
 * What the one who follows is told.
 * @typedef {object} Listener
 * @property {(event: Event) => void} event
 * @property {() => void} up     connected: read afresh what may have changed meanwhile
 * @property {() => void} down   not connected; it is being tried again
 */

/** The event stream of one service. */
export class Events {
  #api;
  #listener;
  #last = "";
  #tries = 0;
  #stopped = new AbortController();

  /**
   * @param {Api} api
   * @param {Listener} listener
   */
  constructor(api, listener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** Follows until `stop`. */
  async follow() {
    while (!this.#stopped.signal.aborted) {
      await this.#connection().catch(() => undefined);
      if (this.#stopped.signal.aborted) return;
      this.#listener.down();
      await pause(PATIENCE[Math.min(this.#tries, PATIENCE.length - 1)] ?? 0);
      this.#tries += 1;
    }
  }

  stop() {
    this.#stopped.abort();
  }

  async #connection() {
    const silent = new AbortController();
    const signal = AbortSignal.any([silent.signal, this.#stopped.signal]);
    let watch = setTimeout(() => silent.abort(), SILENCE);
    try {
      const stream = await this.#api.events(this.#last, signal);
      this.#tries = 0;
      this.#listener.up();
      for await (const event of read(stream)) {
        clearTimeout(watch);
        watch = setTimeout(() => silent.abort(), SILENCE);
        if (event) this.#take(event);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  /** @param {Event} event */
  #take(event) {
    if (event.id) this.#last = event.id;
    if (event.topic === "reset") this.#listener.up();
    else this.#listener.event(event);
  }
}

/**
 * Reads a text/event-stream; a comment, which is a sign of life, comes out as null.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Event | null>}
 */
export async function* read(stream) {
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
  const event = { id: "", topic: "message", data: "" };
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") event.id = value;
    else if (name === "event") event.topic = value;
    else if (name === "data") data.push(value);
  }
  if (!data.length) return event.topic === "reset" ? { ...event, data: null } : null;
  return { ...event, data: JSON.parse(data.join("\n")) };
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resume) => setTimeout(resume, milliseconds));
}
