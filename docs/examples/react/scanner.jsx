/** A component that scans, shows the pages, and offers the PDF. */

import "@sheetfed/client/scan-button";
import "@sheetfed/client/viewer";
import { useRef, useState } from "react";

export function Scanner() {
  const button = useRef(null);
  const viewer = useRef(null);
  const [count, setCount] = useState(0);
  const [file, setFile] = useState(null);

  function arrived({ detail: page }) {
    viewer.current.sheetfed ??= button.current.sheetfed;
    viewer.current.show(page.document);
    setCount((before) => before + 1);
  }

  async function done({ detail: { sheetfed, job } }) {
    const { data, name } = await sheetfed.saveDocument(job.document);
    setFile({ name, url: URL.createObjectURL(data) });
  }

  return (
    <>
      <sheetfed-scan-button ref={button} onpage={arrived} ondone={done}></sheetfed-scan-button>
      <p>{count} pages so far. {file && <a href={file.url} download={file.name}>Save the PDF</a>}</p>
      <sheetfed-viewer ref={viewer}></sheetfed-viewer>
    </>
  );
}
