/** Helps where a scanner is not listed: what to check, what is in the way. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { quoted, translated, trouble as told } from "../client/elements/told.js";
import { open } from "./dialogs.js";
import { doctorButton } from "./doctor.js";
import { commands, inWords } from "./found.js";
import { tell } from "./notices.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Schemas["Devices"]} Listed
 * @typedef {import("../client/shapes.js").Schemas["Addons"]} Addons
 * @typedef {import("../client/shapes.js").Schemas["MachineFindings"]["items"][number]} Found
 */

const ASKED = /^(Addon|Devices)\b/; // the list of who was asked tells these better
const SCANNER = /^USB\b/; // a good word about one is worth something, too
const CHECKS = /** @type {const} */ (["checkPower", "checkCable", "checkNetwork", "checkOthers"]);

/**
 * Shows why a scanner may be missing.
 * @param {Sheetfed} api
 * @param {{listed: () => Listed, look: () => Promise<void>}} deeds   what was found last; looks again
 */
export async function showAbsent(api, { listed, look }) {
  const found = el("div", { class: "found-devices", role: "status" });
  const here = el("ul", { class: "addons found-here", "aria-busy": "true" }, el("li", { class: "muted" }, say("absentLooking")));
  const again = el("button", { type: "button", class: "main", onclick: search }, icon("refresh"), say("refresh"));
  const left = new AbortController();
  const addons = await api.addons();
  const dialog = open(say("absentTitle"), "absent",
    el("section", {}, el("ol", { class: "checks" }, ...CHECKS.map((word) => el("li", {}, say(word))))),
    el("section", {}, el("h3", {}, say("absentAsked")), found, again),
    el("section", {}, el("h3", {}, say("absentHere")), el("div", { role: "status" }, here)),
    el("section", {}, el("h3", {}, say("absentMore")), el("p", {}, say("absentDoctor")), doctorButton(api)));
  draw();
  dialog.addEventListener("close", () => left.abort());
  inspect();

  /** Asks what the service finds out about its machine, which takes some seconds. */
  async function inspect() {
    try {
      const { items } = await api.findings({ signal: left.signal });
      here.replaceChildren(...await inTheWay(items));
    } catch (problem) {
      if (left.signal.aborted) return;
      here.replaceChildren();
      tell(problem);
    }
    here.removeAttribute("aria-busy");
  }

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
    const titles = items.filter(({ id }) => id.startsWith(`${source}:`)).map(({ title }) => translated(title));
    const error = problems.find((each) => each.source === source)?.error;
    const { title, detail, advice } = told(error ?? {});
    const trouble = error ? [detail || title, " ", advice] : [quoted(reason)];
    const text = titles.length ? titles.join(", ") : state === "ready" ? say("absentNone") : say(`addon_${state}`);
    return row(error || state === "broken" ? "broken" : "ready", source, text, ...trouble);
  });
  const missing = absent.filter(({ brings }) => brings["source"]).map(({ package: name }) =>
    row("absent", name, say("addon_absent"), say("absentInstall", { name })));
  return [...asked, ...missing];
}

/**
 * What may keep a scanner away, the worst first, and what to do about each.
 * @param {Found[]} found
 */
async function inTheWay(found) {
  const ranks = ["broken", "weak", "ok"];
  const telling = found.filter(({ name, state }) => !ASKED.test(name) && (["broken", "weak"].includes(state) || SCANNER.test(name)));
  if (!telling.length) return [el("li", { class: "muted" }, say("absentClear"))];
  telling.sort((a, b) => ranks.indexOf(a.state) - ranks.indexOf(b.state));
  return (await inWords(telling)).map(({ name, state, text, advice }) => row(state === "ok" ? "ready" : "broken", name, text, ...commands(translated(advice))));
}

/**
 * @param {string} state
 * @param {string} name
 * @param {string} facts
 * @param {...(string | HTMLElement)} trouble
 */
function row(state, name, facts, ...trouble) {
  return el("li", { class: state }, el("div", { class: "words" },
    el("strong", {}, name), el("p", { class: "muted small" }, facts), trouble.some(Boolean) && el("p", { class: "small" }, ...trouble)));
}
