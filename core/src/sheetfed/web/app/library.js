/** The list of all documents. */

import { Sheetfed } from "../client/index.js";
import { open } from "./dialogs.js";
import { el } from "../client/elements/dom.js";
import { tell } from "./notices.js";
import { sure } from "./sure.js";
import { moment, say } from "./words.js";

/**
 * Shows the documents to choose from.
 * @param {Sheetfed} api
 * @param {string | null} current
 * @param {{choose: (id: string) => void, gone: (id: string) => void}} deeds
 */
export async function showLibrary(api, current, { choose, gone }) {
  const list = el("ul", { class: "documents" });
  const filter = el("div", { class: "filter", role: "group", "aria-label": say("onlyTagged"), hidden: true });
  const more = el("button", { type: "button", hidden: true }, say("moreDocuments"));
  const dialog = open(say("earlier"), "library", filter, list, more);
  /** @type {string | null} */
  let cursor = null;
  let tag = "";
  let asked = 0;
  more.addEventListener("click", load);
  await Promise.all([load(), api.listTags().then(({ items }) => offer(items), () => undefined)]);

  /** @param {{tag: string, documents: number}[]} tags */
  function offer(tags) {
    const names = tags.filter(({ documents }) => documents > 0).map((each) => each.tag);
    filter.hidden = names.length === 0;
    filter.replaceChildren(...names.map((name) => el("button", {
      type: "button", "aria-pressed": "false", onclick: () => sift(tag === name ? "" : name),
    }, name)));
  }

  /** @param {string} name   an empty one shows all */
  async function sift(name) {
    tag = name;
    cursor = null;
    for (const each of filter.children) each.setAttribute("aria-pressed", String(each.textContent === name));
    list.replaceChildren();
    await load();
  }

  async function load() {
    try {
      const mine = asked += 1;
      const { items, next } = await api.listDocuments({ cursor, limit: 30, ...(tag ? { tag } : {}) });
      if (mine !== asked) return; // another tag was chosen meanwhile
      cursor = next;
      more.hidden = next === null;
      list.append(...items.map(entry));
      if (!list.children.length) list.append(el("li", { class: "muted" }, say("noDocuments")));
    } catch (problem) {
      dialog.close();
      tell(problem);
    }
  }

  /** @param {import("../client/shapes.js").DocumentHead} item */
  function entry(item) {
    const title = item.title || say("untitled");
    const facts = [say("pages", { count: item.page_count }), moment(item.changed)];
    if (item.id === current) facts.push(say("thisDocument"));
    const row = el("li", { class: item.id === current ? "current" : null },
      el("button", { type: "button", class: "quiet document-name", onclick: () => { dialog.close(); choose(item.id); } },
        el("span", {}, title), el("span", { class: "muted small" }, facts.join(" · "))),
      sure({
        drawing: "bin", label: say("deleteDocument", { title }), question: say("deleteDocumentSure"),
        act: () => remove(item.id, row),
      }));
    return row;
  }

  /**
   * @param {string} id
   * @param {HTMLElement} row
   */
  async function remove(id, row) {
    try {
      await api.deleteDocument(id);
      row.remove();
      gone(id);
    } catch (problem) {
      dialog.close();
      tell(problem);
    }
  }
}
