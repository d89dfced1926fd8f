/** Asks, while the rooms of the page are on their way, for a token and for the devices. */

import { at } from "../client/index.js";
import { enter } from "./door.js";
import { Token } from "./token.js";

export const token = new Token();
export const api = at(location.origin, token);

/** Whether there is a token. */
export const entered = enter(token);

/** The devices; an answer that never comes is told by who waits for it. */
export const listed = entered.then((known) => (known ? api.listDevices() : { items: [], problems: [] }));
listed.catch(() => undefined);
