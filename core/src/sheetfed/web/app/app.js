/** Begins: what can be read at once stands there before the rooms of the page are loaded. */

import "./language.js";
import { drawFailed, drawFirst } from "./first.js";
import { byId } from "./place.js";

const halves = [byId("desk"), byId("document")];

drawFirst();
for (const half of halves) half.inert = true; // nobody would hear a click yet
try {
  await import("./rooms.js");
} catch (error) {
  console.error(error);
  drawFailed();
}
for (const half of halves) half.inert = false;
