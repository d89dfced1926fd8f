/** What was found on a page, drawn over it. */

import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Mark} Mark
 */

const KINDS = /** @type {const} */ ({
  barcode: "kindBarcode", patch: "kindPatch", blank: "kindBlank", skew: "kindSkew", color: "kindColor",
  orientation: "kindOrientation", histogram: "kindHistogram", sheet: "kindSheet", text: "kindText",
  "barcodes-left-out": "kindLeftOut",
});
const SPACE = "http://www.w3.org/2000/svg";

/**
 * What people call a kind of mark; one of an addon that we do not know keeps its own name.
 * @param {string} kind
 */
export function named(kind) {
  return kind in KINDS ? say(KINDS[/** @type {keyof typeof KINDS} */ (kind)]) : kind;
}

/** Makes the drawing, empty. */
export function overlay() {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("class", "marks");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

/**
 * Draws what was found on a page.
 * @param {SVGSVGElement} svg
 * @param {Pick<Page, "width" | "height" | "marks">} page
 */
export function draw(svg, { width, height, marks }) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...marks.map((mark) => outline(mark)));
}

/**
 * Shows one of the marks so that it is seen.
 * @param {SVGSVGElement} svg
 * @param {number} index
 */
export function point(svg, index) {
  for (const [place, each] of [...svg.children].entries()) each.classList.toggle("pointed", place === index);
  svg.children[index]?.scrollIntoView({ block: "center", inline: "center", behavior: "smooth" });
}

/** @param {Mark} mark */
function outline({ kind, value, box, corners }) {
  const shape = document.createElementNS(SPACE, "polygon");
  const points = corners.length > 2 ? corners : box ? boxCorners(box) : [];
  shape.setAttribute("points", points.map((each) => each.join(",")).join(" "));
  shape.setAttribute("class", `mark ${kind}`);
  const title = document.createElementNS(SPACE, "title");
  title.textContent = `${named(kind)} ${value}`.trim();
  shape.append(title);
  return shape;
}

/** @param {{left: number, top: number, width: number, height: number}} box */
function boxCorners({ left, top, width, height }) {
  return [[left, top], [left + width, top], [left + width, top + height], [left, top + height]];
}
