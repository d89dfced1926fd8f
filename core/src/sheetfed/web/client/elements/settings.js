/** `<sheetfed-settings>`: the settings of a device, or any other options, as a form. */

import { Problem } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";
import { el } from "./dom.js";
import { FORM } from "./form-look.js";
import { LOOK } from "./look.js";
import { recall, remember, withoutSecrets } from "./memory.js";
import { OptionForm } from "./options.js";
import { Profiles } from "./profiles.js";
import { trouble } from "./told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Option} Option
 * @typedef {import("../shapes.js").Value} Value
 * @typedef {import("../shapes.js").Settings} Settings
 *
 * @typedef {import("../shapes.js").Schemas["OpenDevice"]} Offered
 *
 * What a page asks besides; a profile holds it as well. It sends `change`.
 * @typedef {EventTarget & {value: unknown}} Also
 */

const KEEP = "keep-form";

/**
 * Set `sheetfed` and call `load` with a device's id: the form asks the device, follows what one choice
 * makes of the others, and remembers what was chosen, and sets of it by name. Or call `show` with the
 * options of anything else: a step, a format, a target, an edit.
 *
 * `wish` is what a job is to be asked, `settings` what was chosen. The attribute `name` begins the ids of
 * its controls. What stands in the slot `more` is shown among the device's settings.
 *
 * Events: `change` when something else is chosen, with the settings as detail; `problem` with a Problem.
 */
export class SheetfedSettings extends HTMLElement {
  /** @type {Sheetfed | null} */ sheetfed = null;
  #root = this.attachShadow({ mode: "open" });
  /** @type {OptionForm | null} */ #form = null;
  #profiles = new Profiles({ now: () => this.#now(), use: (profile) => this.#use(profile) });
  /** @type {Also | null} */ #also = null;
  #device = "";
  /** @type {Settings} */ #chosen = {};
  /** @type {Option[]} */ #options = [];
  #keep = /** @type {"lossless" | "jpeg"} */ (recall(KEEP, "lossless"));
  #still = false; // a job has the device
  #stale = false; // the device could not be asked for what was chosen
  #changes = 0; // only the answer to the newest is drawn
  /** @type {Promise<unknown>} */ #last = Promise.resolve();

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [LOOK, FORM];
  }

  /** What was chosen; what is not in it stays as it is offered. */
  get settings() {
    return { ...this.#chosen };
  }

  /** What a job is to be asked. */
  get wish() {
    return { settings: this.settings, keep: { form: this.#keep } };
  }

  /** The first control that holds something impossible. */
  get mistake() {
    return this.#form?.mistake ?? null;
  }

  /** What the page asks besides. */
  set also(/** @type {Also} */ also) {
    this.#also = also;
    also.addEventListener("change", () => this.#profiles.changed());
  }

  /** Waits until the device has answered all questions; it takes one at a time. */
  settled() {
    return this.#last;
  }

  /** Whether nothing can be chosen, as while a job has the device. */
  set still(/** @type {boolean} */ still) {
    this.#still = still;
    if (!still && this.#stale) {
      this.#stale = false;
      this.load(this.#device);
    }
    this.toggleAttribute("inert", still);
    this.classList.toggle("still", still);
  }

  /**
   * Shows options that are no device's.
   * @param {Option[]} options
   * @param {Settings} [chosen]   what to show in place of what they are by themselves
   */
  show(options, chosen = {}) {
    this.#device = "";
    this.#chosen = { ...chosen };
    this.#form = new OptionForm({
      form: this.#name, changed: (name, value) => {
        const { [name]: _, ...others } = this.#chosen;
        this.#chosen = value === null ? others : { ...others, [name]: value };
        this.#tell();
      },
    });
    this.#root.replaceChildren(this.#form.element);
    this.#form.show(options.map((option) => ({
      ...option, optional: option.default === null, default: chosen[option.name] ?? option.default,
    })));
  }

  /**
   * Shows the settings of a device, or nothing; until it answers, those of last time.
   * @param {string | null} id
   * @param {Promise<Offered | null> | null} [known]   what it offers, where somebody asked it already
   */
  async load(id, known = null) {
    this.#device = id ?? "";
    this.#options = [];
    this.hidden = id === null;
    if (id === null) return;
    this.#chosen = /** @type {Settings} */ (recall(`settings ${id}`, {}));
    this.#profiles.show(id);
    const change = this.#changes;
    const before = recall(`options ${id}`, null);
    if (Array.isArray(before)) this.#draw(before);
    else this.#ready().say(el("p", { class: "muted" }, say("settingsWait")));
    try {
      const options = await this.#inTurn(() => this.#ask(known));
      if (this.#device !== id) return;
      if (change === this.#changes) this.#draw(options);
      else this.#options = options; // the answer to what was chosen meanwhile is on its way
    } catch (problem) {
      if (this.#device === id) this.#failed(/** @type {Problem} */ (problem));
    }
  }

  get #name() {
    return this.getAttribute("name") ?? "option";
  }

  get #service() {
    if (!this.sheetfed) throw new Error("Set `sheetfed` first: sheetfed-settings has no connection");
    return this.sheetfed;
  }

  /** The form of a device, made once. */
  #ready() {
    if (this.#form?.last.length) return this.#form;
    this.#form = new OptionForm({
      form: this.#name, changed: (name, value) => this.#change(name, value),
      before: [this.#profiles.element], after: [el("slot", { name: "more" })], last: [this.#keptPages(), this.#ends()],
    });
    this.#form.element.setAttribute("aria-label", say("settings"));
    this.#root.replaceChildren(this.#form.element);
    return this.#form;
  }

  /**
   * What the device offers, with what this person chose last time where that is still possible.
   * @param {Promise<Offered | null> | null} known
   */
  async #ask(known) {
    const id = this.#device;
    this.#stale = false;
    if (!Object.keys(this.#chosen).length) {
      const offered = await known?.catch(() => null); // it is asked here, then
      return (offered?.id === id ? offered : await this.#service.getDevice(id)).options;
    }
    if (this.#still) return this.#remembered();
    try {
      const { options } = await this.#service.adjustDevice(id, this.#chosen);
      this.#choose(agreed(this.#chosen, options));
      return options;
    } catch (error) {
      const problem = /** @type {Problem} */ (error);
      if (problem.code === "device-busy") return this.#remembered();
      if (problem.code !== "bad-settings") throw problem;
      this.#choose({});
      return (await this.#service.getDevice(id)).options;
    }
  }

  /** What the service knows of a busy device, with what was chosen written over it. */
  async #remembered() {
    this.#stale = true;
    const { options } = await this.#service.getDevice(this.#device);
    return options.map((option) => ({ ...option, default: this.#chosen[option.name] ?? option.default }));
  }

  /** @param {Problem} problem */
  #failed(problem) {
    const { title, advice } = trouble(problem);
    const again = el("button", { type: "button", onclick: () => this.load(this.#device) }, say("tryAgain"));
    this.#ready().say(
      el("p", {}, title || say("failed")), el("p", { class: "muted" }, advice), again);
  }

  /**
   * @param {string} name
   * @param {Value} value
   */
  async #change(name, value) {
    if (await this.#put({ ...this.#chosen, [name]: value }, name)) this.#profiles.changed();
  }

  /**
   * Asks the device for what was chosen, and shows what it made of it.
   * @param {Settings} wanted
   * @param {string} [name]   only this one is new
   * @returns {Promise<boolean>} whether it took it
   */
  async #put(wanted, name) {
    const id = this.#device;
    this.#changes += 1;
    const change = this.#changes;
    try {
      const options = await this.#inTurn(async () => {
        const asked = name === undefined ? wanted : { ...this.#chosen, [name]: /** @type {Value} */ (wanted[name]) };
        const answer = await this.#service.adjustDevice(id, asked);
        if (id === this.#device) this.#choose(agreed(asked, answer.options));
        return answer.options;
      });
      if (id === this.#device && change === this.#changes) this.#draw(options);
      return true;
    } catch (problem) {
      if (id === this.#device && this.#options.length) this.#draw(this.#options);
      this.dispatchEvent(new CustomEvent("problem", { detail: problem }));
      return false;
    }
  }

  /** @returns {import("./profiles.js").Chosen} */
  #now() {
    return { settings: withoutSecrets(this.#options, this.#chosen), keep: this.#keep, ...(this.#also ? { also: this.#also.value } : {}) };
  }

  /** @param {import("./profiles.js").Profile} profile */
  #use({ settings, keep = this.#keep, also }) {
    this.#keepAs(keep);
    if (this.#also && also !== undefined) this.#also.value = also;
    if (Object.keys(settings).length) return void this.#put(settings);
    this.#choose({});
    this.load(this.#device);
  }

  /**
   * Asks when all earlier questions are answered.
   * @template T
   * @param {() => Promise<T>} question
   * @returns {Promise<T>}
   */
  #inTurn(question) {
    const answer = this.#last.then(question);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** @param {Settings} chosen */
  #choose(chosen) {
    this.#chosen = chosen;
    remember(`settings ${this.#device}`, withoutSecrets(this.#options, chosen));
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("change", { detail: this.settings }));
  }

  /** @param {Option[]} options */
  #draw(options) {
    this.#options = options;
    remember(`options ${this.#device}`, options);
    this.#ready().show(options);
  }

  #ends() {
    const reset = el("button", { type: "button", id: "reset", onclick: () => {
      this.#choose({});
      this.#profiles.changed();
      this.load(this.#device);
    } }, say("defaults"));
    return el("div", { class: "ends" }, reset, this.#profiles.first);
  }

  #keptPages() {
    const select = el("select", { id: KEEP, onchange: () => {
      this.#keepAs(select.value === "jpeg" ? "jpeg" : "lossless");
      this.#profiles.changed();
    } }, el("option", { value: "lossless" }, say("keptLossless")), el("option", { value: "jpeg" }, say("keptJpeg")));
    select.value = this.#keep;
    return el("section", { class: "group" }, el("h2", {}, say("keptPages")),
      el("div", { class: "field" }, el("label", { for: KEEP }, say("keptAs")), select,
        el("p", { class: "about" }, say("keptAbout"))));
  }

  /** @param {"lossless" | "jpeg"} form */
  #keepAs(form) {
    this.#keep = form;
    remember(KEEP, form);
    const select = /** @type {HTMLSelectElement | null} */ (this.#root.getElementById(KEEP));
    if (select) select.value = form;
    this.#tell();
  }
}

/**
 * What was chosen, as the device took it: one choice may have changed another.
 * @param {Settings} chosen
 * @param {Option[]} options
 * @returns {Settings}
 */
function agreed(chosen, options) {
  const kept = options.filter((option) => option.name in chosen && option.kind !== "action" && !option.readonly);
  return Object.fromEntries(kept.map((option) => [option.name, option.default]));
}

customElements.define("sheetfed-settings", SheetfedSettings);
