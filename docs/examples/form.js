/** Puts what was scanned into a form's file field, as a PDF. */

import "./client/elements/scan-button.js";

const field = document.querySelector("input[type=file]");
document.querySelector("sheetfed-scan-button").addEventListener("done", async ({ detail: { sheetfed, job } }) => {
  const { data, name } = await sheetfed.saveDocument(job.document);
  const files = new DataTransfer();
  files.items.add(new File([data], name, { type: data.type }));
  field.files = files.files;
  await sheetfed.deleteDocument(job.document);
});
