/** `<sheetfed-camera>`: what a camera sees, the sheet in it, and pictures taken of that. */

import { Problem } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";
import { CAMERA } from "./camera-look.js";
import { say } from "./camera-words.js";
import { el, icon } from "./dom.js";
import { FORM } from "./form-look.js";
import { Live } from "./live.js";
import { LOOK } from "./look.js";
import { recall, remember } from "./memory.js";
import { OptionForm } from "./options.js";
import { inLine, trouble } from "./told.js";

/**
 * @typedef {import("../shapes.js").Settings} Settings
 * @typedef {import("../shapes.js").Value} Value
 * @typedef {import("../preview.js").Frame} Frame
 */

const CORRECT = "camera-correct";
const CORRECTIONS = /** @type {const} */ (["", "sheet", "book"]);
const MOST = 50; // pictures at a time
const OURS = ["pages"]; // settings that have a control here

/**
 * Set `sheetfed`, a connection, and the attribute `device`. It shows the live picture while it is seen: not
 * in a hidden tab, not once it is taken out of the page. Pictures go into the document of the property
 * `document`, a new one by itself. The attribute `plain` leaves out the camera's own settings, and how
 * many pictures are taken: a form beside it asks for them.
 *
 * Events: `capture`, before pictures are taken, with what a job is to be asked as detail: who prevents it
 * takes them otherwise, and sets `busy` meanwhile; `page` with each page; `done` with the job; `frame` with
 * each picture that is shown; `problem` with what went wrong.
 */
export class SheetfedCamera extends HTMLElement {
  static observedAttributes = ["device"];

  /** The id of the document that pictures go into. @type {string | null} */ document = null;
  #root = this.attachShadow({ mode: "open" });
  /** @type {Sheetfed | null} */ #sheetfed = null;
  /** @type {AbortController | null} */ #looking = null;
  /** @type {AbortController | null} */ #taking = null;
  #busy = false; // somebody else takes the pictures
  /** @type {Settings} */ #settings = {};
  #live = new Live(say("live"));
  #cover = el("div", { class: "cover", part: "cover", hidden: true });
  #seen = el("p", { class: "seen muted small", part: "seen" });
  #words = el("p", { class: "muted small", part: "words", role: "status", "aria-live": "polite" });
  #button = el("button", { type: "button", class: "main", part: "button", onclick: () => this.press() });
  #many = el("input", { type: "number", id: "many", class: "many", min: 1, max: MOST, value: 1, oninput: () => this.#draw() });
  #count = el("div", { class: "field" }, el("label", { for: "many" }, say("pictures")), this.#many);
  #correct = el("select", { id: "correct", onchange: () => this.#corrected() },
    ...CORRECTIONS.map((each) => el("option", { value: each }, say(`correct_${each}`))));
  #paper = el("div", { class: "field paper-field", hidden: true }, el("label", { for: "correct" }, say("correct")), this.#correct);
  #form = new OptionForm({ form: "camera", changed: (name, value) => this.#tune(name, value) });
  #controls = el("details", { class: "controls", part: "controls", hidden: true, ontoggle: () => this.#offer() },
    el("summary", {}, say("controls")), this.#form.element);

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [LOOK, FORM, CAMERA];
    this.#live.element.append(this.#cover);
    this.#root.append(el("div", { class: "camera", part: "camera" }, this.#live.element, this.#seen,
      el("div", { class: "taking" }, this.#paper,
        this.#count, this.#button),
      this.#words, this.#controls));
    this.#correct.value = String(recall(CORRECT, "sheet"));
    this.#draw();
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#follow);
    this.#count.hidden = this.hasAttribute("plain");
    this.#follow();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#follow);
    this.#taking?.abort();
    this.stop();
  }

  /** @param {string} _ @param {string | null} before @param {string | null} now */
  attributeChangedCallback(_, before, now) {
    if (before === now) return;
    this.#settings = {};
    this.#controls.open = false;
    this.stop();
    this.#follow();
  }

  /** The connection to the service. */
  get sheetfed() {
    return this.#sheetfed;
  }

  set sheetfed(sheetfed) {
    this.#sheetfed = sheetfed;
    this.#learn();
    this.#follow();
  }

  /** Whether pictures are taken by somebody else now. */
  set busy(/** @type {boolean} */ busy) {
    this.#busy = busy;
    this.#draw();
  }

  /** What a job is to be asked so that it takes what was chosen here. */
  get wish() {
    const pages = this.#many.validity.valid && !this.#count.hidden ? this.#many.valueAsNumber : 1;
    const name = this.#paper.hidden ? "" : this.#correct.value;
    return {
      settings: { ...this.#settings, ...(pages > 1 ? { pages } : {}) }, steps: name ? [{ name, options: {} }] : [],
    };
  }

  /** Whether the live picture is on. */
  get looking() {
    return this.#looking !== null;
  }

  /** Shows the live picture until `stop`; again after what went wrong. */
  start() {
    const device = this.getAttribute("device");
    const sheetfed = this.#sheetfed;
    if (this.#looking || !sheetfed || !device) return;
    const looking = this.#looking = new AbortController();
    this.#say(el("p", {}, say("starting")));
    this.#look(sheetfed, device, looking.signal).catch((error) => {
      if (!looking.signal.aborted) this.#refused(error);
    }).finally(() => { if (this.#looking === looking) this.#looking = null; });
  }

  /** Lets go of the camera. */
  stop() {
    this.#looking?.abort();
    this.#looking = null;
    this.#live.clear();
    this.#seen.textContent = "";
    this.#say(el("p", {}, say("stopped")));
  }

  /** Takes pictures, or stops taking them. */
  async press() {
    if (this.#taking) return this.#taking.abort();
    if (this.#busy || !this.#many.reportValidity()) return;
    const before = new CustomEvent("capture", { detail: this.wish, cancelable: true });
    if (!this.dispatchEvent(before)) return;
    const taking = this.#taking = new AbortController();
    this.#words.textContent = "";
    this.#draw();
    try {
      const count = await this.#take(taking.signal);
      this.#words.textContent = say("taken", { count });
    } catch (error) {
      if (!taking.signal.aborted) this.#tell(error);
    } finally {
      this.#taking = null;
      this.#draw();
    }
  }

  /**
   * @param {Sheetfed} sheetfed
   * @param {string} device
   * @param {AbortSignal} signal
   */
  async #look(sheetfed, device, signal) {
    const wish = { width: 1280, height: 960, sheet: this.#correct.value !== "", signal };
    for await (const frame of sheetfed.preview(device, wish)) {
      await this.#live.show(frame);
      if (signal.aborted) return;
      if (!this.#cover.hidden) {
        this.#cover.hidden = true;
        this.#offer();
      }
      this.#note(frame);
      this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    }
    this.#again(say("stopped"));
  }

  /** @param {AbortSignal} signal */
  async #take(signal) {
    const device = this.getAttribute("device");
    if (!this.#sheetfed || !device) throw new Error("Set `sheetfed` and `device` first");
    const wish = { device, ...this.wish, ...(this.document === null ? {} : { document: this.document }) };
    const scan = await this.#sheetfed.scan(wish, { signal, paused: () => "keep" });
    this.document = scan.job.document;
    let count = 0;
    for await (const page of scan) {
      count += 1;
      this.#words.textContent = say("taken", { count });
      this.dispatchEvent(new CustomEvent("page", { detail: page }));
    }
    this.dispatchEvent(new CustomEvent("done", { detail: scan.job }));
    return count;
  }

  /** The camera is on while somebody can see what it sees. */
  #follow = () => {
    if (!this.isConnected || document.hidden) this.stop();
    else this.start();
  };

  /** Asks whether pictures can be corrected. */
  async #learn() {
    if (!this.#sheetfed) return;
    const { items } = await this.#sheetfed.listSteps().catch(() => ({ items: [] }));
    const names = items.map(({ name }) => name);
    this.#paper.hidden = !names.includes("sheet");
    for (const option of this.#correct.options) option.hidden = option.value !== "" && !names.includes(option.value);
  }

  #corrected() {
    remember(CORRECT, this.#correct.value);
    if (!this.#looking) return;
    this.stop();
    this.#follow();
  }

  /** Says what is seen, where the sheet is looked for. @param {Frame} frame */
  #note({ marks }) {
    const sheet = marks.find(({ kind }) => kind === "sheet");
    const count = Number(sheet?.details["sheets"] ?? 1);
    if (this.#correct.value === "") this.#seen.textContent = "";
    else if (!sheet) this.#seen.textContent = say("noSheet");
    else this.#seen.textContent = count > 1 ? say("sheets", { count }) : say("sheet");
  }

  /** Draws the camera's settings, where they are wanted. */
  async #offer() {
    const device = this.getAttribute("device");
    this.#controls.hidden = this.hasAttribute("plain");
    if (!this.#controls.open || !this.#sheetfed || !device || this.#controls.hidden) return;
    try {
      const { options } = await this.#sheetfed.getDevice(device);
      if (device === this.getAttribute("device")) this.#show(options);
    } catch (error) {
      this.#tell(error);
    }
  }

  /**
   * Sets one thing while one looks on.
   * @param {string} name
   * @param {Value} value
   */
  async #tune(name, value) {
    const device = this.getAttribute("device");
    if (!this.#sheetfed || !device) return;
    try {
      const { options } = await this.#sheetfed.tuneDevice(device, { [name]: value });
      if (device !== this.getAttribute("device")) return; // these are another camera's
      this.#settings = { ...this.#settings, [name]: value };
      this.#show(options);
    } catch (error) {
      this.#tell(error);
      await this.#offer();
    }
  }

  /** @param {import("../shapes.js").Option[]} options */
  #show(options) {
    this.#form.show(options.filter(({ name }) => !OURS.includes(name)));
  }

  /** @param {unknown} error */
  #refused(error) {
    this.#live.clear();
    this.#seen.textContent = "";
    const { title, advice } = trouble(error instanceof Problem ? error : { title: String(error) });
    this.#again(title, advice);
    this.dispatchEvent(new CustomEvent("problem", { detail: error }));
  }

  /**
   * Covers the picture with what is the matter, and a way on.
   * @param {string} title
   * @param {string} [advice]
   */
  #again(title, advice) {
    this.#say(el("p", { role: "alert" }, title), advice ? el("p", { class: "small" }, advice) : "",
      el("button", { type: "button", onclick: () => this.start() }, say("tryAgain")));
  }

  /** @param {unknown} error */
  #tell(error) {
    this.#words.textContent = inLine(error);
    this.dispatchEvent(new CustomEvent("problem", { detail: error }));
  }

  /** @param {...(Node | string)} content */
  #say(...content) {
    this.#cover.hidden = false;
    this.#cover.replaceChildren(...content);
  }

  #draw() {
    const taking = this.#taking !== null;
    const count = this.#many.validity.valid ? this.#many.valueAsNumber : 1;
    this.#button.disabled = this.#busy;
    this.#button.replaceChildren(icon(taking ? "stop" : "camera"), el("span", {}, taking ? say("stop") : say("take", { count })));
  }
}

customElements.define("sheetfed-camera", SheetfedCamera);
