/** Helps where a scanner is not listed: what to check, what is in the way. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { translated } from "../client/elements/told.js";
import { open } from "./dialogs.js";
import { doctorButton } from "./doctor.js";
import { commands, inWords } from "./found.js";
import { tell } from "./notices.js";
import { quoted, trouble as told } from "./told.js";
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
 * Shows why a scanner may be missing; where the service does not answer, just that is why.
 * @param {Sheetfed} api
 * @param {{listed: () => Listed, look: () => Promise<void>}} deeds   what was found last; looks again
 */
export function showAbsent(api, { listed, look }) {
  const found = el("ul", { class: "addons" });
  const here = el("ul", { class: "addons found-here" });
  const again = el("button", { type: "button", class: "main", onclick: search }, icon("refresh"), say("refresh"));
  const left = new AbortController();
  const asking = { signal: left.signal };
  const more = [
    el("section", {}, el("h3", {}, say("absentHere")), el("div", { role: "status" }, here)),
    el("section", {}, el("h3", {}, say("absentMore")), el("p", {}, say("absentDoctor")), doctorButton(api))];
  const dialog = open(say("absentTitle"), "absent",
    el("section", {}, el("ol", { class: "checks" }, ...CHECKS.map((word) => el("li", {}, say(word))))),
    el("section", {}, el("h3", {}, say("absentAsked")), el("div", { class: "found-devices", role: "status" }, found), again), ...more);
  dialog.addEventListener("close", () => left.abort());
  show();

  /** Says who was asked; what the service finds out about its machine takes some seconds. */
  async function show() {
    here.replaceChildren(el("li", { class: "muted" }, say("absentLooking")));
    here.setAttribute("aria-busy", "true");
    const whole = await fill(found, api.addons(asking).then((known) => rows(listed(), known)));
    for (const section of more) section.hidden = !whole;
    if (whole) await fill(here, api.findings(asking).then(({ items }) => inTheWay(items)));
    here.removeAttribute("aria-busy");
  }

  /**
   * Shows what is told, or that nothing is.
   * @param {HTMLElement} list
   * @param {Promise<HTMLElement[]>} told
   * @returns {Promise<boolean>} whether it is
   */
  async function fill(list, told) {
    const items = await told.catch((problem) => failed(problem));
    if (!left.signal.aborted) list.replaceChildren(...[items].flat());
    return Array.isArray(items);
  }

  async function search() {
    again.disabled = true;
    again.setAttribute("aria-busy", "true");
    await look().catch(tell);
    if (!dialog.isConnected) return;
    again.disabled = false;
    again.removeAttribute("aria-busy");
    show();
  }
}

/** @param {import("../client/problem.js").Problem} problem */
function failed(problem) {
  const { title, detail, advice } = told(problem);
  const gone = problem.code === "service-gone";
  if (gone) return row("broken", say("gone"), "", say("goneAdvice"));
  return row("broken", title || say("failed"), detail, advice || say("failedAdvice"));
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
 * @param {string | HTMLElement} facts
 * @param {...(string | HTMLElement)} trouble
 */
function row(state, name, facts, ...trouble) {
  return el("li", { class: state }, el("div", { class: "words" },
    el("strong", {}, name), facts && el("p", { class: "muted small" }, facts), trouble.some(Boolean) && el("p", { class: "small" }, ...trouble)));
}
