/** The foot of the page: version, what is kept, and addons that are not ready. */

import { Sheetfed } from "../client/index.js";
import { open } from "./dialogs.js";
import { el } from "../client/elements/dom.js";
import { size } from "../client/elements/words.js";
import { say } from "./words.js";

/**
 * Draws the foot.
 * @param {HTMLElement} root
 * @param {Sheetfed} api
 */
export async function showAbout(root, api) {
  const [status, { items }] = await Promise.all([api.service(), api.addons()]);
  const { version, pages, bytes, quota } = status;
  const troubled = items.filter((addon) => addon.state !== "ready" && addon.state !== "disabled");
  const most = quota.bytes ? say("ofMost", { most: size(quota.bytes) }) : "";
  root.replaceChildren(el("span", {}, say("version", { version })),
    el("span", { id: "kept" }, say("kept", { count: pages, bytes: size(bytes), most })));
  if (!troubled.length) return status;
  const rows = troubled.map((addon) => el("li", {},
    el("strong", {}, addon.name), ` (${addon.state}) `, el("span", { class: "muted" }, addon.reason)));
  root.append(el("button", {
    type: "button", class: "link", onclick: () => open(say("addons"), "addons", el("ul", {}, ...rows)),
  }, say("addonsNotReady", { count: troubled.length })));
  return status;
}
