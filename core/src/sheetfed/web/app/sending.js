/** Documents on their way to other places: chosen, watched, tried again. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { SheetfedSettings } from "../client/elements/settings.js";
import { SheetfedViewer } from "../client/elements/viewer.js";
import { size as bytes } from "../client/elements/words.js";
import { open } from "./dialogs.js";
import { tell, toast } from "./notices.js";
import { quoted, trouble } from "./told.js";
import { moment, say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Target} Target
 * @typedef {import("../client/shapes.js").Delivery} Delivery
 * @typedef {import("../client/shapes.js").Settings} Settings
 */

const OVER = ["done", "failed", "cancelled"];
const LISTED = 20;

/** The button that sends, its dialog, and what becomes of what was sent. */
export class Sending {
  #sheetfed;
  #viewer;
  #badge = el("span", { class: "badge", hidden: true });
  #button = el("button", {
    type: "button", class: "quiet", id: "send", hidden: true, "aria-label": say("send"), title: say("send"), onclick: () => this.#open(),
  }, icon("send"), el("span", { class: "label" }, say("send")), this.#badge);
  /** @type {Target[]} */ #targets = [];
  /** @type {Map<string, Delivery>} */ #deliveries = new Map();
  /** @type {Map<string, {end: () => void}>} */ #notices = new Map(); // the last one about each
  #list = el("ul", { class: "deliveries" });
  #dialog = /** @type {HTMLDialogElement | null} */ (null);

  /**
   * @param {HTMLElement} root
   * @param {{sheetfed: Sheetfed, viewer: SheetfedViewer}} rooms
   */
  constructor(root, { sheetfed, viewer }) {
    this.#sheetfed = sheetfed;
    this.#viewer = viewer;
    root.append(this.#button);
  }

  /** Asks where documents can go, and what is on its way. */
  async load() {
    const [{ items: targets }, { items: deliveries }] = await Promise.all([
      this.#sheetfed.listTargets(), this.#sheetfed.listDeliveries({ limit: LISTED }),
    ]);
    this.#targets = targets;
    for (const each of deliveries.reverse()) if (!this.#isOlder(each)) this.#deliveries.set(each.id, each);
    this.#draw();
  }

  /**
   * Takes news of a delivery.
   * @param {Delivery} news
   */
  hear(news) {
    const known = this.#deliveries.get(news.id);
    if (this.#isOlder(news)) return;
    this.#deliveries.set(news.id, { ...known, ...news });
    if (news.state !== known?.state) this.#announce(news);
    if (news.version !== known?.version || !this.#moved(news)) this.#draw();
  }

  /**
   * Whether something newer was heard: an answer takes its time.
   * @param {Delivery} news
   */
  #isOlder({ id, version }) {
    return version < (this.#deliveries.get(id)?.version ?? version);
  }

  /** Forgets those that are over and not listed any more. */
  #forget() {
    const over = [...this.#deliveries.values()].filter(({ state }) => OVER.includes(state));
    for (const { id } of over.slice(0, -LISTED)) {
      this.#deliveries.delete(id);
      this.#notices.delete(id);
    }
  }

  /**
   * Moves the bar of a delivery of which nothing else is new: a button beside it can be pressed meanwhile.
   * @param {Delivery} delivery
   * @returns {boolean} whether it has one
   */
  #moved({ id, size, sent }) {
    const bar = /** @type {HTMLProgressElement | null} */ (this.#list.querySelector(`[data-delivery="${id}"] progress`));
    if (!bar || !size) return false;
    bar.value = sent / size;
    bar.nextElementSibling?.replaceChildren(amount(sent, size));
    return true;
  }

  /** @param {Delivery} delivery */
  #announce({ id, state, name, target }) {
    const word = state === "done" ? "delivered" : state === "failed" ? "notDelivered" : null;
    this.#notices.get(id)?.end(); // what was said before is true no more
    if (word) this.#notices.set(id, toast(say(word, { name, target: this.#title(target) })));
  }

  #draw() {
    this.#forget();
    const all = [...this.#deliveries.values()];
    const left = all.filter(({ state }) => !OVER.includes(state)).length;
    this.#button.hidden = !this.#targets.length && !all.length;
    this.#badge.hidden = left === 0;
    this.#badge.textContent = String(left);
    this.#button.setAttribute("aria-label", left ? `${say("send")} ${left}` : say("send"));
    const at = /** @type {HTMLElement | null} */ (this.#list.querySelector("li:has(:focus)"))?.dataset["delivery"];
    this.#list.replaceChildren(...all.reverse().slice(0, LISTED).map((each) => this.#row(each)));
    if (at) /** @type {HTMLElement | null} */ (this.#list.querySelector(`[data-delivery="${at}"] button`))?.focus();
  }

  #open() {
    this.#dialog = open(say("send"), "sending", this.#form(), el("h3", {}, say("deliveries")), this.#list,
      el("p", { class: "muted none-yet" }, say("noDeliveries")));
  }

  #form() {
    const { id, pages } = this.#viewer.document;
    const able = this.#targets.filter((target) => target.error === null);
    const unable = this.#targets.filter((target) => target.error !== null).map(({ title: target, error }) => {
      const { title, detail, advice } = trouble(error ?? {});
      return el("p", { class: "hint trouble" }, icon("warning"), say("targetMissing", { target }), " ", detail || title, " ", advice);
    });
    if (!able.length) return el("div", { class: "form" }, ...unable, el("p", { class: "muted" }, say("noTargets")));
    const asked = new SheetfedSettings();
    asked.setAttribute("name", "target");
    const select = el("select", { id: "target", onchange: choose }, ...able.map((target) => el("option", {}, target.title)));
    const button = el("button", { class: "main", disabled: id === null || !pages.length }, say("sendNow"));
    choose();
    return el("form", { class: "form", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      if (asked.mistake) return asked.mistake.focus();
      button.disabled = true;
      this.#send(able[select.selectedIndex], asked.settings).finally(() => { button.disabled = false; });
    } }, ...unable, el("div", { class: "field" }, el("label", { for: "target" }, say("target")), select), asked, el("div", { class: "deeds" }, button));

    function choose() {
      asked.show(able[select.selectedIndex]?.fields ?? []);
    }
  }

  /**
   * @param {Target | undefined} target
   * @param {Settings} fields
   */
  async #send(target, fields) {
    const { id } = this.#viewer.document;
    if (!target || id === null) return;
    try {
      if (!await this.#viewer.document.commit()) return; // what was deleted must not be sent
      const chosen = this.#viewer.chosen;
      const pages = chosen.length ? chosen : null;
      this.hear(await this.#sheetfed.sendDocument({ document: id, target: target.name, pages, fields }));
    } catch (problem) {
      this.#dialog?.close();
      tell(problem);
    }
  }

  /** @param {Delivery} delivery */
  #row(delivery) {
    const { id, state, name, target, size, sent, error, changed, receipt, history } = delivery;
    const over = OVER.includes(state);
    const wrong = trouble(error ?? {});
    const facts = [this.#title(target), say(`delivery_${state}`), moment(changed)];
    const share = size ? sent / size : null;
    return el("li", { class: state, "data-delivery": id },
      el("div", { class: "words" }, el("strong", {}, name), el("p", { class: "muted small" }, facts.join(" · ")),
        receipt?.place && el("p", { class: "small" }, receipt.place), receipt && answered(receipt.details),
        error && el("p", { class: "mistake" }, wrong.detail || wrong.title), error && el("p", { class: "small" }, wrong.advice),
        state === "sending" && el("progress", { max: 1, value: share, "aria-label": say("delivery_sending") }),
        state === "sending" && el("span", { class: "muted small" }, amount(sent, size)), history.length > 1 && tried(history)),
      (state === "failed" || (state === "waiting" && error)) && this.#deed(say("retry"), () => this.#sheetfed.retryDelivery(id)),
      !over && this.#deed(say("giveUp"), () => this.#sheetfed.cancelDelivery(id)));
  }

  /**
   * @param {string} text
   * @param {() => Promise<Delivery>} act
   */
  #deed(text, act) {
    return el("button", { type: "button", onclick: () => act().then((news) => this.hear(news), tell) }, text);
  }

  /** @param {string} name */
  #title(name) {
    return this.#targets.find((target) => target.name === name)?.title ?? name;
  }
}

/**
 * @param {number} sent
 * @param {number | null} whole
 */
function amount(sent, whole) {
  return whole ? say("sentOf", { sent: bytes(sent), whole: bytes(whole) }) : "";
}

/**
 * What the other side says of a document, as the number that it has there.
 * @param {Delivery["receipt"] extends infer R ? NonNullable<R> extends { details: infer D } ? D : never : never} details
 */
function answered(details) {
  const told = Object.entries(details).flatMap(([key, value]) =>
    key.startsWith("header.") ? [`${key.slice(7)}: ${value}`] : key === "body" ? [String(value).slice(0, 200)] : []);
  return told.length ? el("p", { class: "small answer" }, told.join(" · ")) : null;
}

/** @param {Delivery["history"]} history */
function tried(history) {
  return el("details", { class: "small" }, el("summary", {}, say("tries", { count: history.length })),
    el("ul", {}, ...history.map(({ at, outcome, message }) => el("li", {},
      [moment(at), outcome === "done" ? say("delivery_done") : quoted(message)].join(" · ")))));
}
