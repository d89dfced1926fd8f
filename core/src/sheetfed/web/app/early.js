/** Asks, while the rooms of the page are on their way, for a token, for devices and for what one of them offers. */

import { at } from "../client/index.js";
import { recall } from "../client/elements/memory.js";
import { enter } from "./door.js";
import { Token } from "./token.js";

/** @typedef {import("../client/shapes.js").Device} Device */

const LIVE = ["waiting", "scanning", "paused"];

export const token = new Token();
export const api = at(location.origin, token);

/** Whether there is a token. */
export const entered = enter(token);

/** The devices; an answer that never comes is told by who waits for it. */
export const listed = entered.then((known) => (known ? api.listDevices() : { items: [], problems: [] }));

/** The devices that jobs have: they are asked for nothing. */
export const busy = entered.then(async (known) => {
  const { items } = known ? await api.listJobs({ limit: 50 }) : { items: [] };
  return new Set(items.filter(({ state }) => LIVE.includes(state)).map(({ device }) => device));
});

/** The device that is chosen at first, with its options: a driver takes its time to open it. Where it was set up before, it is asked for just that later. */
export const offered = Promise.all([listed, busy]).then(([{ items }, taken]) => {
  const id = preferred(items)?.id;
  return id === undefined || taken.has(id) || remembered(id) ? null : api.getDevice(id);
});
for (const each of [listed, busy, offered]) each.catch(() => undefined);

/**
 * Whether this browser remembers settings of a device.
 * @param {string} id
 */
function remembered(id) {
  return Object.keys(/** @type {object} */ (recall(`settings ${id}`, {}))).length > 0;
}

/**
 * The device of last time, else the first.
 * @param {Device[]} items
 * @returns {Device | null}
 */
export function preferred(items) {
  const wanted = recall("device", "");
  return items.find(({ id }) => id === wanted) ?? items[0] ?? null;
}
