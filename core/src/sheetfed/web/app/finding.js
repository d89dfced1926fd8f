/** Lets pages that are kept take steps, and parts their document by what was found. */

import { Problem, Sheetfed } from "../client/index.js";
import { el } from "../client/elements/dom.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { open } from "./dialogs.js";
import { tell, toast } from "./notices.js";
import { Steps } from "./steps.js";
import { say } from "./words.js";

/** @typedef {import("../client/shapes.js").Schemas["Round"]} Round */

/** The dialog that asks for what, and how far it is. */
export class Finding {
  #sheetfed;
  #viewer;
  #steps;
  /** @type {Round | null} */ #round = null;
  /** @type {(round: Round) => void} */ #over = () => {};
  /** @type {(problem: Problem) => void} */ #lost = () => {};
  #bar = el("progress", { max: "1", "aria-label": say("findTitle") });
  #words = el("p", { class: "muted small", role: "status" });

  /** @param {{sheetfed: Sheetfed, viewer: SheetfedViewer}} rooms */
  constructor({ sheetfed, viewer }) {
    this.#sheetfed = sheetfed;
    this.#viewer = viewer;
    this.#steps = new Steps(sheetfed, "kept-");
  }

  /** Asks what to look for on the selected pages, or on all. */
  open() {
    const pages = this.#viewer.chosen.length ? this.#viewer.chosen : this.#viewer.order;
    if (!pages.length) return;
    this.#steps.load().catch(tell);
    this.#steps.element.open = true;
    const start = el("button", { class: "main" }, say("find", { count: pages.length }));
    const stop = el("button", { type: "button", hidden: true, onclick: () => this.#stop() }, say("cancel"));
    const going = el("div", { class: "progress", hidden: true }, this.#words, this.#bar);
    const form = el("form", { class: "form", onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      for (const each of [start, this.#steps.element]) each.hidden = true;
      for (const each of [stop, going]) each.hidden = false;
      await this.#look(pages).catch(tell);
      dialog.close();
    } }, el("p", { class: "muted" }, say("findAbout")), this.#steps.element, going, el("div", { class: "banner-actions" }, stop, start));
    const dialog = open(say("findTitle"), "finding", form);
    dialog.addEventListener("close", () => this.#stop());
  }

  /**
   * Takes news of a round.
   * @param {Round} news
   */
  hear(news) {
    if (!this.#round || news.id !== this.#round.id || news.version < this.#round.version) return;
    this.#round = { ...this.#round, ...news };
    this.#draw(this.#round);
  }

  /** Asks how far the round is: its end may not have been heard, and a service that began anew knows of none. */
  async refresh() {
    const round = this.#round;
    if (!round) return;
    try {
      this.hear(await this.#sheetfed.getRound(round.id));
    } catch (problem) {
      if (!(problem instanceof Problem && problem.code === "not-found")) throw problem;
      this.#lost(new Problem({ title: say("findLost", { number: round.done, count: round.pages }) }));
    }
  }

  /** @param {string[]} pages */
  async #look(pages) {
    const { id } = this.#viewer.document;
    const { steps, split } = this.#steps.wish;
    if (id === null || !await this.#viewer.document.commit()) return;
    if (steps.length) {
      const { state, problems, error } = await this.#take(id, { steps, pages });
      if (error) return tell(new Problem(error));
      if (problems.length) toast(say("stepsFailed", { count: problems.length }));
      if (state !== "done") return;
    }
    if (split) {
      const { items } = await this.#sheetfed.separateDocument(id, split);
      toast(say("splitDone", { count: items.length }));
    } else toast(say("findDone"));
    await this.#viewer.document.refresh();
  }

  /**
   * Starts a round, and waits until it is over.
   * @param {string} id
   * @param {import("../client/shapes.js").Schemas["NewRound"]} wish
   * @returns {Promise<Round>}
   */
  async #take(id, wish) {
    const over = new Promise((resolve, reject) => { [this.#over, this.#lost] = [resolve, reject]; });
    over.catch(() => undefined); // told below
    this.#round = await this.#sheetfed.startRound(id, wish);
    this.#draw(this.#round);
    try {
      await this.refresh().catch(unlessAway); // it may have ended before its name was known
      return await over;
    } finally {
      this.#round = null;
      await this.#viewer.document.refresh();
    }
  }

  #stop() {
    if (this.#round) this.#sheetfed.stopRound(this.#round.id).then((round) => this.hear(round), tell);
  }

  /** @param {Round} round */
  #draw(round) {
    this.#bar.value = round.pages ? round.done / round.pages : 0;
    this.#words.textContent = say("findGoing", { number: round.done, count: round.pages });
    if (round.state !== "running") this.#over(round);
  }
}

/**
 * A service that is away is asked again when it is back.
 * @param {unknown} problem
 */
function unlessAway(problem) {
  if (!(problem instanceof Problem && problem.code === "service-gone")) throw problem;
}
