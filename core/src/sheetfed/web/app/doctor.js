/** Shows what holds on this computer, what does not, and what to do. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { open } from "./dialogs.js";
import { commands, inWords } from "./found.js";
import { tell } from "./notices.js";
import { hand } from "./save.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Schemas["MachineFindings"]["items"][number]} Finding
 */

const ORDER = /** @type {const} */ (["broken", "weak", "missing", "ok"]);

/**
 * A button that opens it.
 * @param {Sheetfed} api
 */
export function doctorButton(api) {
  return el("button", { type: "button", class: "doctor-button", onclick: () => showDoctor(api) }, say("doctor"));
}

/** @param {Sheetfed} api */
function showDoctor(api) {
  const list = el("ul", { class: "addons findings", role: "status", "aria-busy": "true" }, el("li", {}, say("doctorLooking")));
  const save = el("button", { type: "button", onclick: () => bundle(api, save) }, say("doctorSave"));
  const dialog = open(say("doctorTitle"), "doctor",
    el("section", {}, list), el("section", {}, el("p", { class: "muted small" }, say("doctorSaveAbout")), save));
  const leaving = new AbortController();
  dialog.addEventListener("close", () => leaving.abort());
  api.findings({ signal: leaving.signal }).then(({ items: found }) => inWords(found)).then((items) => {
    list.removeAttribute("aria-busy");
    const sorted = ORDER.flatMap((state) => items.filter((each) => each.state === state));
    list.replaceChildren(...sorted.map(row));
  }).catch((problem) => {
    if (leaving.signal.aborted) return;
    dialog.close();
    tell(problem);
  });
}

/**
 * @param {Sheetfed} api
 * @param {HTMLButtonElement} button
 */
async function bundle(api, button) {
  button.disabled = true;
  try {
    const { data, name } = await api.saveFindings();
    hand(data, name);
  } catch (problem) {
    tell(problem);
  } finally {
    button.disabled = false;
  }
}

/** @param {Finding} finding */
function row({ name, state, text, advice }) {
  const todo = state !== "ok" && advice;
  return el("li", { class: state }, el("div", { class: "words" }, el("strong", {}, name),
    el("p", { class: "muted small" }, ...commands(text)), todo && el("p", { class: "small" }, icon("warning"), " ", ...commands(advice))),
  el("span", { class: "state" }, say(`finding_${state}`)));
}
