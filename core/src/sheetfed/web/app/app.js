/** Begins: what can be read at once stands there before the rooms of the page are loaded. */

import "./early.js";
import { drawFailed, drawFirst } from "./first.js";
import { byId } from "./place.js";

drawFirst();
try {
  await import("./rooms.js");
} catch (error) {
  console.error(error);
  drawFailed();
}
for (const half of ["desk", "document"]) byId(half).inert = false; // nobody would have heard a click before
