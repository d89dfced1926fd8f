/** Photographs sheets with the browser's own camera; sheetfed keeps them and lays them flat. */

import { connect } from "./client/index.js";
import "./client/elements/viewer.js";

const [video, button, notice, viewer] = document.querySelectorAll("video, button, #notice, sheetfed-viewer");
const show = (code) => { notice.textContent = `Approve ${code} in sheetfed`; };
const fullSize = { width: { ideal: 4096 }, height: { ideal: 3072 } };

video.srcObject = await navigator.mediaDevices.getUserMedia({ video: fullSize });

async function picture() {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
}

async function take() {
  const photograph = await picture();
  viewer.sheetfed ??= await connect({ show, ...window.example });
  const id = viewer.document.id || (await viewer.sheetfed.createDocument({ title: "Photographs" })).id;
  const { pages: [page] } = await viewer.sheetfed.importPages(id, photograph);
  await viewer.sheetfed.editPage(page.id, [{ name: "sheet" }]);
  await viewer.show(id);
  notice.textContent = `${viewer.document.pages.length} pages`;
}

button.addEventListener("click", () => {
  take().catch((error) => { notice.textContent = error.person ?? error.message; });
});
