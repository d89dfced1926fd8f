/** Says at which pages a step failed, and shows them. */

import { el } from "../client/elements/dom.js";
import { banner, clear } from "./notices.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { trouble } from "./told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Job} Job
 * @typedef {import("../client/shapes.js").Page} Page
 */

const LISTED = 5;

/**
 * Shows what a job's steps failed at, where they did.
 * @param {Job} job
 * @param {SheetfedViewer} viewer   what shows its document
 */
export function showProblems(job, viewer) {
  const { pages } = viewer.document;
  const problems = job.problems ?? [];
  clear("problems");
  if (!problems.length) return;
  const items = problems.slice(0, LISTED).map(({ page: id, step, error }) => {
    const place = pages.findIndex((each) => each.id === id);
    const page = pages[place];
    const name = page ? say("page", { number: place + 1 }) : say("somePage");
    const { title, detail } = trouble(error);
    return el("li", {}, page && thumbnail(page, place + 1, viewer), el("span", {}, say("stepFailed", { name, step, title }), " ", detail));
  });
  const rest = problems.length - items.length;
  banner("problems", {
    kind: "wait",
    title: say("stepsFailed", { count: problems.length }),
    detail: say("stepsFailedAbout"),
    more: el("ul", { class: "problems" }, ...items, rest > 0 && el("li", {}, say("andMore", { count: rest }))),
  });
}

/**
 * @param {Page} page
 * @param {number} number
 * @param {SheetfedViewer} viewer
 */
function thumbnail(page, number, viewer) {
  const img = el("img", { alt: "" });
  viewer.pictures?.thumbnail(page).then((address) => { img.src = address; }, () => img.remove());
  return el("button", {
    type: "button", class: "quiet", "aria-label": say("pageOpen", { number }), onclick: () => viewer.look(page.id),
  }, img);
}
