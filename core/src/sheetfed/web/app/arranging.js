/** What is done to a document as a whole: put in another order, parted, joined, tagged. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { menu } from "../client/elements/menu.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { Finding } from "./finding.js";
import { open } from "./dialogs.js";
import { tell, toast } from "./notices.js";
import { say } from "./words.js";

const CHOICES = 50; // documents to join with that are listed

/** The menu of the document, and its tags. */
export class Arranging {
  #sheetfed;
  #viewer;
  #tags = el("ul", { class: "tags", "aria-label": say("tags") });

  /**
   * @param {HTMLElement} actions
   * @param {HTMLElement} naming
   * @param {{sheetfed: Sheetfed, viewer: SheetfedViewer}} rooms
   */
  constructor(actions, naming, { sheetfed, viewer }) {
    this.#sheetfed = sheetfed;
    this.#viewer = viewer;
    this.finding = new Finding({ sheetfed, viewer });
    const more = menu(say("arrange"), [
      [say("split"), () => this.#split()],
      [say("merge"), () => this.#merge()],
      [say("reverse"), () => this.#arrange("reverse")],
      [say("interleave"), () => this.#arrange("interleave")],
      [say("interleaveReversed"), () => this.#arrange("interleave-reversed")],
      [say("deinterleave"), () => this.#arrange("deinterleave")],
      [say("flipOdd"), () => this.#flip(0)],
      [say("flipEven"), () => this.#flip(1)],
      [say("findTitle"), () => this.finding.open()],
    ], "more");
    more.id = "arrange";
    actions.append(more);
    naming.append(this.#tags);
    const draw = () => {
      more.toggleAttribute("inert", viewer.document.id === null);
      this.#draw();
    };
    viewer.addEventListener("change", draw);
    draw();
  }

  /** @param {import("../client/shapes.js").Schemas["Arrangement"]["rule"]} rule */
  #arrange(rule) {
    const chosen = this.#viewer.chosen;
    this.#change((id) => this.#sheetfed.arrangePages(id, { rule, pages: chosen.length > 1 ? chosen : "all" }));
  }

  /**
   * Turns every second page upside down: sheets that were turned over the wrong way.
   * @param {0 | 1} first   the place of the first one
   */
  #flip(first) {
    this.#viewer.turn(this.#viewer.order.filter((_, place) => place % 2 === first), 180);
  }

  /** Parts the document: a new one begins at each selected page. */
  #split() {
    const order = this.#viewer.order;
    const parts = this.#viewer.chosen.filter((page) => page !== order[0]).map((first) => ({ first }));
    if (!parts.length) return toast(say("splitHow"));
    this.#change(async (id) => {
      const { items } = await this.#sheetfed.splitDocument(id, parts);
      toast(say("splitDone", { count: items.length }));
    });
  }

  /** Lets the person choose a document whose pages come into this one. */
  async #merge() {
    const { id } = this.#viewer.document;
    if (id === null) return;
    try {
      const { items } = await this.#sheetfed.listDocuments({ limit: CHOICES });
      const others = items.filter((each) => each.id !== id);
      const list = el("ul", { class: "documents" }, ...others.map((each) => el("li", {},
        el("button", { type: "button", class: "quiet document-name", onclick: () => {
          dialog.close();
          this.#change((into) => this.#sheetfed.mergeDocuments(into, { documents: [each.id] }));
        } }, el("span", {}, each.title || say("untitled")), el("span", { class: "muted small" }, say("pages", { count: each.page_count }))))),
        !others.length && el("li", { class: "muted" }, say("noOthers")));
      const dialog = open(say("merge"), "library", el("p", { class: "muted about-merge" }, say("mergeAbout")), list);
    } catch (problem) {
      tell(problem);
    }
  }

  /** Draws the document's tags, and a way to add one. */
  #draw() {
    const { id, tags } = this.#viewer.document;
    this.#tags.hidden = id === null;
    if (this.#tags.contains(document.activeElement) && document.activeElement?.matches("input")) return;
    this.#tags.replaceChildren(...tags.map((tag) => el("li", { class: "tag" }, el("span", { title: tag }, tag),
      el("button", {
        type: "button", class: "quiet icon-only", "aria-label": say("untag", { tag }), title: say("untag", { tag }),
        onclick: () => this.#tag(tags.filter((each) => each !== tag)),
      }, icon("close")))),
    el("li", {}, el("button", {
      type: "button", class: "quiet icon-only", "aria-label": say("tag"), title: say("tag"), id: "tag", onclick: () => this.#write(),
    }, icon("tag"))));
  }

  /** Takes the name of a tag. */
  async #write() {
    const known = el("datalist", { id: "known-tags" });
    const input = el("input", { type: "text", list: known.id, maxlength: 50, class: "tag-name", "aria-label": say("tag"), onchange: () => {
      const tag = input.value.trim();
      input.blur();
      if (tag) this.#tag([...new Set([...this.#viewer.document.tags, tag])]); // another tab may have added some
    }, onblur: () => this.#draw() });
    this.#tags.lastElementChild?.replaceChildren(input, known);
    input.focus();
    const { items } = await this.#sheetfed.listTags().catch(() => ({ items: [] }));
    known.replaceChildren(...items.map(({ tag }) => el("option", { value: tag })));
  }

  /** @param {string[]} tags */
  #tag(tags) {
    this.#change((id) => this.#sheetfed.describeDocument(id, { tags }));
  }

  /** @param {(id: string) => Promise<unknown>} how */
  async #change(how) {
    const { id } = this.#viewer.document;
    if (id === null) return;
    try {
      if (!await this.#viewer.document.commit()) return;
      await how(id);
      this.#viewer.selection.set([]);
      await this.#viewer.document.refresh();
    } catch (problem) {
      tell(problem);
    }
  }
}
