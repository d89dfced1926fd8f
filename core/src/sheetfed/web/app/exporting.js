/** The dialog that writes a document as a file of any format, with what the format can be asked. */

import { el } from "../client/elements/dom.js";
import { recall, remember, withoutSecrets } from "../client/elements/memory.js";
import { SheetfedSettings } from "../client/elements/settings.js";
import { open } from "./dialogs.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Format} Format
 * @typedef {import("../client/shapes.js").Settings} Settings
 *
 * What a person wants to have written.
 * @typedef {{format: Format, options: Settings, some: boolean}} Wish
 */

const PLACE = "export";

/**
 * Asks how a document is to be written.
 * @param {Format[]} formats   those that are written
 * @param {number} selected    how many pages are selected
 * @param {(wish: Wish) => void} save
 */
export function askExport(formats, selected, save) {
  const last = /** @type {{type?: string, options?: Record<string, Settings>}} */ (recall(PLACE, {}));
  for (const { type, writing } of formats) if (last.options?.[type]) last.options[type] = withoutSecrets(writing, last.options[type]);
  if (last.options) remember(PLACE, last); // of an earlier version there may be some
  const asked = new SheetfedSettings();
  asked.setAttribute("name", "export");
  const select = el("select", { id: "format", onchange: choose }, ...formats.map(({ title }) => el("option", {}, title)));
  select.selectedIndex = Math.max(0, formats.findIndex(({ type }) => type === last.type));
  const some = el("input", { type: "checkbox", id: "only-selected", checked: selected > 0 });
  choose();
  const form = el("form", { class: "form", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    const format = formats[select.selectedIndex];
    if (!format) return;
    if (asked.mistake) return asked.mistake.focus();
    const options = asked.settings;
    remember(PLACE, { type: format.type, options: { ...last.options, [format.type]: withoutSecrets(format.writing, options) } });
    dialog.close();
    save({ format, options, some: selected > 0 && some.checked });
  } }, el("div", { class: "field" }, el("label", { for: "format" }, say("format")), select), asked,
  selected > 0 && el("div", { class: "field tick" }, some, el("label", { for: "only-selected" }, say("onlySelected", { count: selected }))),
  el("div", { class: "deeds" }, el("button", { class: "main" }, say("save"))));
  const dialog = open(say("export"), "export", form);

  function choose() {
    const format = formats[select.selectedIndex];
    asked.show(format?.writing ?? [], last.options?.[format?.type ?? ""] ?? {});
  }
}
