/** Prints pages on paper, as large as they were. */

import { Sheetfed } from "../sheetfed.js";
import { el } from "./dom.js";

/** @typedef {import("../shapes.js").Page} Page */

const DPI = 200; // what an office printer shows
const LOOK = `
  @page { margin: 0; }
  * { margin: 0; }
  div { height: 100vh; overflow: hidden; break-after: page; }
  div:last-child { break-after: auto; }
  img { display: block; max-width: 100%; max-height: 100%; object-fit: contain; object-position: left top; }`;

/**
 * Lets the browser ask for a printer. Throws a Problem where a page cannot be shown.
 * @param {Sheetfed} sheetfed
 * @param {Page[]} pages
 */
export async function print(sheetfed, pages) {
  const frame = el("iframe", { class: "printed", title: "", "aria-hidden": "true", tabindex: "-1", srcdoc: "<!doctype html>" });
  Object.assign(frame.style, { position: "fixed", width: "0", height: "0", border: "0", visibility: "hidden" });
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  document.body.append(frame);
  /** @type {string[]} */ const urls = [];
  try {
    await loaded;
    const view = /** @type {Window & typeof globalThis} */ (frame.contentWindow);
    const sheet = new view.CSSStyleSheet(); // a style element would need the page's leave
    sheet.replaceSync(LOOK);
    view.document.adoptedStyleSheets = [sheet];
    for (const page of pages) {
      const { width, inches } = measures(page);
      const blob = await sheetfed.getImage(page.id, { width, height: Math.ceil((width * page.height) / page.width), type: "image/jpeg" });
      const url = URL.createObjectURL(blob);
      urls.push(url);
      const img = view.document.createElement("img");
      img.src = url;
      img.style.width = inches ? `${inches}in` : "100%";
      const box = view.document.createElement("div");
      box.append(img);
      view.document.body.append(box);
      await img.decode();
    }
    const printed = new Promise((resolve) => view.addEventListener("afterprint", resolve, { once: true }));
    view.print();
    await printed;
  } finally {
    frame.remove();
    for (const url of urls) URL.revokeObjectURL(url);
  }
}

/**
 * How many pixels of a page are printed, and how wide it is on paper; nothing where nobody knows.
 * @param {Page} page
 */
function measures({ width, dpi: [across] }) {
  if (!across) return { width: Math.min(width, 2000), inches: 0 };
  const inches = width / across;
  return { width: Math.min(width, Math.ceil(inches * DPI)), inches };
}
