/** What this page stands on: version, language, storage, addons. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { size } from "../client/elements/words.js";
import { open } from "./dialogs.js";
import { doctorButton } from "./doctor.js";
import { LANGUAGES, speak } from "./language.js";
import { tell } from "./notices.js";
import { quoted } from "./told.js";
import { keptFor, say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Schemas["ServiceStatus"]} Status
 * @typedef {import("../client/shapes.js").Schemas["Addons"]} Addons
 */

/**
 * Draws the foot of the page.
 * @param {HTMLElement} root
 * @param {Sheetfed} api
 * @returns {Promise<Status>}
 */
export async function showAbout(root, api) {
  const [status, { items }] = await Promise.all([api.service(), api.addons()]);
  const { pages, bytes, quota } = status;
  const troubled = items.filter(({ state }) => state !== "ready" && state !== "disabled").length;
  const most = quota.bytes ? say("ofMost", { most: size(quota.bytes) }) : "";
  const focused = root.contains(document.activeElement);
  const about = el("button", { type: "button", class: "link", id: "about", onclick: () => openAbout(api).catch(tell) },
    troubled ? icon("warning") : "", troubled ? say("addonsNotReady", { count: troubled }) : say("about"));
  root.replaceChildren(el("span", { id: "kept" }, say("kept", { count: pages, bytes: size(bytes), most })), about);
  if (focused) about.focus();
  return status;
}

/** @param {Sheetfed} api */
async function openAbout(api) {
  const [status, addons] = await Promise.all([api.service(), api.addons()]);
  open(say("version", { version: status.version }), "about",
    el("section", {}, el("h3", {}, say("language")), languages()),
    el("section", {}, el("h3", {}, say("storage")), ...storage(status)),
    el("section", {}, el("h3", {}, say("addons")), el("ul", { class: "addons" }, ...rows(addons))),
    el("section", {}, doctorButton(api)));
}

function languages() {
  const select = el("select", { id: "language", "aria-label": say("language"), onchange: () => speak(select.value) },
    ...Object.entries(LANGUAGES).map(([code, name]) => el("option", { value: code, lang: code }, name)));
  select.value = document.documentElement.lang;
  return select;
}

/** @param {Status} status */
function storage({ pages, bytes, quota, retention, free_bytes: free, low_disk: low }) {
  const most = quota.bytes ? say("ofMost", { most: size(quota.bytes) }) : "";
  const share = bytes / (quota.bytes || bytes + free || 1);
  return [
    el("p", {}, say("kept", { count: pages, bytes: size(bytes), most })),
    el("meter", { value: share, max: 1, high: 0.9, "aria-label": say("storage") }),
    el("p", { class: "muted small" }, say("free", { bytes: size(free) }), " ", keptFor(retention)),
    low && el("p", { class: "hint trouble" }, icon("warning"), say("lowDisk")),
  ];
}

/** @param {Addons} addons */
function rows({ items, absent }) {
  const there = items.map(({ name, state, version, reason, warning, offers }) => {
    const brings = [...new Set(Object.values(offers).flat())].filter((each) => each !== name).join(", ");
    return row(state, name, [version, brings].filter(Boolean).join(" · "), ...[reason, warning].filter(Boolean).flatMap((each) => [quoted(each), " "]));
  });
  return [...there, ...absent.map(({ package: name, brings }) =>
    row("absent", name, Object.values(brings).flat().join(", ")))];
}

/**
 * @param {Addons["items"][number]["state"] | "absent"} state
 * @param {string} name
 * @param {string} facts
 * @param {...(string | HTMLElement)} trouble
 */
function row(state, name, facts, ...trouble) {
  return el("li", { class: state }, el("div", { class: "words" },
    el("strong", {}, name), el("p", { class: "muted small" }, facts), trouble.some(Boolean) && el("p", { class: "small" }, ...trouble)),
  el("span", { class: "state" }, say(`addon_${state}`)));
}
