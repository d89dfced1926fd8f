/** The rooms that nobody needs before they can scan. */

import "../client/elements/large.js"; // these three are fetched by who needs them, and are at hand then
import "../client/elements/printing.js";
import "./absent.js";
import { Sheetfed } from "../client/index.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { showAbout } from "./about.js";
import { Arranging } from "./arranging.js";
import { showLibrary } from "./library.js";
import { byId } from "./place.js";
import { showProblems } from "./problems.js";
import { Save } from "./save.js";
import { Sending } from "./sending.js";

/**
 * Adds to the page what is done with pages once they are there.
 * @param {{sheetfed: Sheetfed, viewer: SheetfedViewer}} rooms
 */
export function furnish({ sheetfed, viewer }) {
  const { finding } = new Arranging(byId("actions"), byId("naming"), { sheetfed, viewer });
  const sending = new Sending(byId("actions"), { sheetfed, viewer });
  const save = new Save(byId("actions"), { api: sheetfed, viewer });
  return { finding, sending, save, showAbout, showLibrary, showProblems };
}
