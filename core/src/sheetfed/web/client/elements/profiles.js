/** Settings with a name: chosen, saved and deleted, in a row of their own. */

import { el } from "./dom.js";
import { recall, remember } from "./memory.js";
import { menu } from "./menu.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Settings} Settings
 *
 * What has a name: settings, how pages are kept, and what else the page around asks.
 * @typedef {{settings: Settings, keep?: "lossless" | "jpeg", also?: unknown}} Chosen
 * @typedef {{name: string} & Chosen} Profile
 */

/** The names, the menu beside them, and the field that takes a new one. */
export class Profiles {
  #place = "";
  #now;
  #use;
  #name = ""; // the one that was chosen last
  #other = false; // what is chosen was changed since
  #select = el("select", { id: "profile", onchange: () => this.#chosen() });
  #menu;
  #row;
  #input = el("input", {
    type: "text", id: "profile-name", maxlength: 60, autocomplete: "off", "aria-label": say("profileName"), placeholder: say("profileName"),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  #naming = el("div", { class: "field naming", hidden: true }, this.#input,
    el("button", { type: "button", class: "main", onclick: () => this.#keep(this.#input.value.trim()) }, say("profileKeep")),
    el("button", { type: "button", class: "quiet", onclick: () => this.#ask(false) }, say("cancel")));
  element = el("div", { class: "profiles" });
  /** Where there is no name yet, this makes the first. */
  first = el("button", { type: "button", class: "quiet", id: "first-profile", onclick: () => this.#ask(true) }, say("profileSave"));

  /**
   * @param {{now: () => Chosen, use: (profile: Profile) => void}} deeds   what is chosen now; chooses something else
   */
  constructor({ now, use }) {
    this.#now = now;
    this.#use = use;
    this.#menu = menu(say("profileMore"), [
      [say("profileSave"), () => this.#ask(true)],
      [say("profileUpdate"), () => this.#keep(this.#name)],
      [say("profileDelete"), () => this.#delete()],
    ], "more");
    this.#row = el("div", { class: "field profile-row" }, el("label", { for: "profile" }, say("profile")),
      el("div", { class: "amount" }, this.#select, this.#menu));
    this.element.append(this.#row, this.#naming);
  }

  /**
   * Shows the names that are remembered for something, like a device.
   * @param {string} place   an empty one has none
   */
  show(place) {
    this.#place = place;
    const last = recall(`profile ${place}`, []);
    const [name = "", other = false] = Array.isArray(last) ? last : [];
    this.#name = String(name);
    this.#other = Boolean(other);
    this.#ask(false);
  }

  /** What was chosen is not what the name says any more. */
  changed() {
    if (this.#name && !this.#other) this.#settle(this.#name, true);
  }

  /** @returns {Profile[]} */
  get #all() {
    const all = this.#place ? recall(`profiles ${this.#place}`, []) : [];
    return Array.isArray(all) ? all.filter((each) => typeof each?.name === "string" && each.settings instanceof Object) : [];
  }

  #chosen() {
    const profile = this.#all.find(({ name }) => name === this.#select.value);
    if (profile) this.#use(profile);
    this.#settle(profile?.name ?? "");
  }

  /** @param {string} name */
  #keep(name) {
    if (!name) return this.#input.focus();
    const others = this.#all.filter((each) => each.name !== name);
    const all = [...others, { name, ...this.#now() }].sort((a, b) => a.name.localeCompare(b.name));
    remember(`profiles ${this.#place}`, all);
    this.#settle(name);
    this.#ask(false);
    this.#select.focus();
  }

  #delete() {
    remember(`profiles ${this.#place}`, this.#all.filter(({ name }) => name !== this.#name));
    this.#settle("");
  }

  /**
   * @param {string} name
   * @param {boolean} [other]
   */
  #settle(name, other = false) {
    this.#name = name;
    this.#other = other;
    remember(`profile ${this.#place}`, [name, other]);
    this.#draw();
  }

  /** @param {boolean} open   whether a name is asked for */
  #ask(open) {
    this.#naming.hidden = !open;
    this.#input.value = "";
    this.#draw();
    if (open) this.#input.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter") this.#keep(this.#input.value.trim());
    else if (event.key === "Escape") this.#ask(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #draw() {
    const all = this.#all;
    const known = all.some(({ name }) => name === this.#name);
    this.element.hidden = !this.#place;
    this.#row.hidden = !all.length;
    this.first.hidden = all.length > 0 || !this.#place;
    const other = known && this.#other;
    this.#select.replaceChildren(
      el("option", { value: "" }, other ? say("profileChanged", { name: this.#name }) : say("profileNone")),
      ...all.map(({ name }) => el("option", { value: name }, name)));
    this.#select.value = known && !other ? this.#name : "";
    const [, update, remove] = this.#menu.querySelectorAll("button");
    for (const each of [update, remove]) if (each) each.hidden = !known;
  }
}
