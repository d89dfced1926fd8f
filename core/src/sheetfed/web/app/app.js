/** Begins: what can be read at once stands there before the rooms of the page are loaded. */

import { byId } from "./place.js";

try {
  await import("./early.js");
  const { drawFirst } = await import("./first.js");
  drawFirst();
  await import("./rooms.js");
} catch (error) {
  document.dispatchEvent(new CustomEvent("missing", { detail: { error } })); // begin.js hears it
}
for (const half of ["desk", "document"]) byId(half).inert = false; // nobody would have heard a click before
