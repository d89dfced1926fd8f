/** Scans, and shows the pages as they come. */

import "./client/elements/scan-button.js";
import "./client/elements/viewer.js";

const [button, viewer] = document.querySelectorAll("sheetfed-scan-button, sheetfed-viewer");
button.addEventListener("page", ({ detail: page }) => {
  viewer.sheetfed ??= button.sheetfed;
  viewer.show(page.document);
});
