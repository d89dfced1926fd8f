/** Scans without showing anything, and uploads the document. */

import { connect } from "./client/index.js";

const notice = document.querySelector("#notice");

export async function scanAndSend({ url, addresses, settings = {} }) {
  const show = (code) => { notice.textContent = `Approve ${code} in sheetfed`; };
  const sheetfed = await connect({ addresses, show });
  const { items: [device] } = await sheetfed.listDevices();
  const scan = await sheetfed.scan({ device: device.id, settings }, { paused: () => "keep" });
  const { document: id, pages } = await scan.finish();
  const { data } = await sheetfed.saveDocument(id);
  const answer = await fetch(url, { method: "POST", body: data });
  if (!answer.ok) throw new Error(`The archive refused it: ${answer.status}`);
  await sheetfed.deleteDocument(id);
  notice.textContent = `${pages} pages are in the archive`;
}

document.querySelector("#start").addEventListener("click", () => {
  scanAndSend({ url: "/archive", ...window.example }).catch((error) => { notice.textContent = error.person ?? error.message; });
});
