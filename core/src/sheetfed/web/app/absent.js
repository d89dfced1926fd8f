/** Helps where a scanner is not listed: what to check, what was asked, what is not installed. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { open } from "./dialogs.js";
import { doctorButton } from "./doctor.js";
import { tell } from "./notices.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Schemas["Devices"]} Listed
 * @typedef {import("../client/shapes.js").Schemas["Addons"]} Addons
 */

const CHECKS = /** @type {const} */ (["checkPower", "checkCable", "checkNetwork", "checkOthers"]);

/**
 * Shows why a scanner may be missing.
 * @param {Sheetfed} api
 * @param {{listed: () => Listed, look: () => Promise<void>}} deeds   what was found last; looks again
 */
export async function showAbsent(api, { listed, look }) {
  const found = el("div", { class: "found-devices", role: "status" });
  const again = el("button", { type: "button", class: "main", onclick: search }, icon("refresh"), say("refresh"));
  const addons = await api.addons();
  const dialog = open(say("absentTitle"), "absent",
    el("section", {}, el("ol", { class: "checks" }, ...CHECKS.map((word) => el("li", {}, say(word))))),
    el("section", {}, el("h3", {}, say("absentAsked")), found, again),
    el("section", {}, el("h3", {}, say("absentMore")), el("p", {}, say("absentDoctor")), doctorButton(api)));
  draw();

  async function search() {
    again.disabled = true;
    again.setAttribute("aria-busy", "true");
    await look().catch(tell);
    if (!dialog.isConnected) return;
    again.disabled = false;
    again.removeAttribute("aria-busy");
    draw();
  }

  function draw() {
    found.replaceChildren(el("ul", { class: "addons" }, ...rows(listed(), addons)));
  }
}

/**
 * Every way to devices, and what came of it.
 * @param {Listed} listed
 * @param {Addons} addons
 */
function rows({ items, problems }, { items: addons, absent }) {
  const sources = addons.flatMap(({ name, state, reason, offers }) =>
    (offers["sources"] ?? (state === "ready" ? [] : [name])).map((source) => ({ source, state, reason })));
  const asked = sources.map(({ source, state, reason }) => {
    const titles = items.filter(({ id }) => id.startsWith(`${source}:`)).map(({ title }) => title);
    const error = problems.find((each) => each.source === source)?.error;
    const trouble = error ? [error.detail || error.title, error.advice].join(" ") : reason;
    const text = titles.length ? titles.join(", ") : state === "ready" ? say("absentNone") : say(`addon_${state}`);
    return row(error || state === "broken" ? "broken" : "ready", source, text, trouble);
  });
  const missing = absent.filter(({ brings }) => brings["source"]).map(({ package: name }) =>
    row("absent", name, say("addon_absent"), say("absentInstall", { name })));
  return [...asked, ...missing];
}

/**
 * @param {string} state
 * @param {string} name
 * @param {string} facts
 * @param {string} trouble
 */
function row(state, name, facts, trouble) {
  return el("li", { class: state }, el("div", { class: "words" },
    el("strong", {}, name), el("p", { class: "muted small" }, facts), trouble && el("p", { class: "small" }, trouble)));
}
