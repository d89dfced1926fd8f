/** Says at which pages a step failed, and shows them. */

import { el } from "./dom.js";
import { banner, clear } from "./notices.js";
import { Pictures } from "./pictures.js";
import { say } from "./words.js";

/**
 * @typedef {import("./api.js").Job} Job
 * @typedef {import("./api.js").Page} Page
 */

const LISTED = 5;

/**
 * Shows what a job's steps failed at, where they did.
 * @param {Job} job
 * @param {Page[]} pages   of the open document
 * @param {Pictures} pictures
 * @param {(id: string) => void} look   shows a page large
 */
export function showProblems(job, pages, pictures, look) {
  const problems = job.problems ?? [];
  clear("problems");
  if (!problems.length) return;
  const items = problems.slice(0, LISTED).map(({ page: id, step, error }) => {
    const place = pages.findIndex((each) => each.id === id);
    const page = pages[place];
    const name = page ? say("page", { number: place + 1 }) : say("somePage");
    const text = say("stepFailed", { name, step, title: error.title, detail: error.detail });
    return el("li", {}, page && thumbnail(page, place + 1, pictures, look), el("span", {}, text));
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
 * @param {Pictures} pictures
 * @param {(id: string) => void} look
 */
function thumbnail(page, number, pictures, look) {
  const img = el("img", { alt: "" });
  pictures.thumbnail(page).then((address) => { img.src = address; }, () => img.remove());
  return el("button", {
    type: "button", class: "quiet", "aria-label": say("pageOpen", { number }), onclick: () => look(page.id),
  }, img);
}
