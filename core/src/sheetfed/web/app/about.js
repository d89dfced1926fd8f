/** The foot of the page: version, and addons that are not ready. */

import { Api } from "./api.js";
import { open } from "./dialogs.js";
import { el } from "./dom.js";
import { say } from "./words.js";

/**
 * Draws the foot.
 * @param {HTMLElement} root
 * @param {Api} api
 */
export async function showAbout(root, api) {
  const [{ version }, { items }] = await Promise.all([api.service(), api.addons()]);
  const troubled = items.filter((addon) => addon.state !== "ready" && addon.state !== "disabled");
  root.replaceChildren(el("span", {}, say("version", { version })));
  if (!troubled.length) return;
  const rows = troubled.map((addon) => el("li", {},
    el("strong", {}, addon.name), ` (${addon.state}) `, el("span", { class: "muted" }, addon.reason)));
  root.append(el("button", {
    type: "button", class: "link", onclick: () => open(say("addons"), "addons", el("ul", {}, ...rows)),
  }, say("addonsNotReady", { count: troubled.length })));
}
