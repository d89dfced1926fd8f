/** Draws one option as a control that people know. */

import { el } from "./dom.js";
import { spoken } from "./told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Option} Option
 * @typedef {import("../shapes.js").Value} Value
 *
 * What a form needs of a control.
 * @typedef {object} Control
 * @property {HTMLElement} element
 * @property {(value: Value) => void} show   show a value
 */

const USUAL_DPI = [75, 100, 150, 200, 300, 400, 600, 1200];
const COLOUR = /^#[0-9a-f]{6}$/i;

/**
 * Makes the control for an option; `changed` gets the value that a person chose.
 * @param {Option} offered
 * @param {(value: Value) => void} changed
 * @param {string} [form]   whose option it is: ids begin with it
 * @returns {Control}
 */
export function control(offered, changed, form = "option") {
  const option = spoken(offered);
  const id = `${form}-${option.name}`;
  if (option.readonly) return fact(option, id);
  if (option.kind === "bool") return tick(option, id, changed);
  if (option.kind === "action") return button(option, changed);
  if (option.choices.length) return choice(option, id, changed);
  if (option.kind === "int" || option.kind === "float") return amount(option, id, changed);
  return text(option, id, changed);
}

/**
 * @param {Option} option
 * @param {string} id
 * @param {(value: Value) => void} changed
 * @returns {Control}
 */
function choice(option, id, changed) {
  const letters = option.choices.reduce((sum, each) => sum + each.title.length, 0);
  const few = option.choices.length <= 3 && letters <= 26;
  return few ? segments(option, id, changed) : list(option, id, changed);
}

/**
 * @param {Option} option
 * @param {string} id
 * @param {(value: Value) => void} changed
 * @returns {Control}
 */
function segments(option, id, changed) {
  const inputs = option.choices.map((each, index) =>
    el("input", {
      type: "radio", name: id, id: `${id}-${index}`, class: "unseen", value: index,
      onchange: () => changed(each.value),
    }));
  const parts = inputs.flatMap((input, index) =>
    [input, el("label", { for: input.id }, option.choices[index]?.title)]);
  const element = el("fieldset", { class: "field" },
    el("legend", { title: option.description || null }, option.title),
    el("div", { class: "segments" }, ...parts));
  return {
    element,
    show: (value) => option.choices.forEach((each, index) => {
      const input = inputs[index];
      if (input) input.checked = each.value === value;
    }),
  };
}

/**
 * @param {Option} option
 * @param {string} id
 * @param {(value: Value) => void} changed
 * @returns {Control}
 */
function list(option, id, changed) {
  const select = el("select", { id, onchange: () => changed(option.choices[select.selectedIndex]?.value ?? null) },
    ...option.choices.map((each) => el("option", {}, each.title + (option.unit ? ` ${option.unit}` : ""))));
  const element = field(option, id, select);
  element.classList.toggle("short", option.choices.every((each) => each.title.length <= 16));
  return {
    element,
    show: (value) => { select.selectedIndex = option.choices.findIndex((each) => each.value === value); },
  };
}

/**
 * @param {Option} option
 * @param {string} id
 * @param {(value: Value) => void} changed
 * @returns {Control}
 */
function tick(option, id, changed) {
  const input = el("input", { type: "checkbox", id, onchange: () => changed(input.checked) });
  const element = el("div", { class: "field tick" }, input, el("label", { for: id }, option.title), about(option));
  return { element, show: (value) => { input.checked = value === true; } };
}

/**
 * @param {Option} option
 * @param {string} id
 * @param {(value: Value) => void} changed
 * @returns {Control}
 */
function amount(option, id, changed) {
  const { minimum, maximum } = option;
  const ranged = minimum !== null && maximum !== null;
  const step = option.step || (option.kind === "int" ? 1 : "any");
  const limits = { min: minimum, max: maximum, step };
  const all = option.name === "pages" && minimum === 0; // 0 is as many as there are: a word says so, not the number
  const { optional } = /** @type {{optional?: boolean}} */ (option);
  const nothing = all ? say("allThere") : optional ? say("asItFits") : null; // what an empty one means
  const input = el("input", { type: "number", id, inputmode: "decimal", placeholder: nothing, ...limits, onchange: take });
  const parts = [input];
  const slider = el("input", {
    type: "range", ...limits, "aria-label": option.title,
    oninput: () => { input.value = slider.value; }, onchange: () => changed(slider.valueAsNumber),
  });
  const slides = ranged && (option.unit === "%" || (option.unit === "" && minimum < 0));
  if (slides) parts.unshift(slider);
  const mistake = el("p", { class: "mistake", role: "alert" });
  const element = field(option, id, el("div", { class: "amount" }, ...parts, unit(option)), mistake);
  element.classList.toggle("short", !slides);
  if (option.name === "resolution") element.append(suggestions(option, input));

  function take() {
    const wrong = input.validity.badInput || (input.value === "" && !nothing)
      || input.validity.rangeUnderflow || input.validity.rangeOverflow;
    input.setAttribute("aria-invalid", String(wrong));
    mistake.textContent = wrong ? between(option) : "";
    if (!wrong) changed(optional && input.value === "" ? null : Number(input.value));
  }
  return {
    element,
    show: (value) => {
      input.value = slider.value = value === null || (all && value === 0) ? "" : shortest(Number(value));
      input.setAttribute("aria-invalid", "false");
      mistake.textContent = "";
    },
  };
}

/**
 * @param {Option} option
 * @param {string} id
 * @param {(value: Value) => void} changed
 * @returns {Control}
 */
function text(option, id, changed) {
  const type = option.kind === "secret" ? "password" : "text";
  const input = el("input", { type, id, autocomplete: "off", onchange: () => changed(input.value) });
  const swatch = el("input", {
    type: "color", tabindex: -1, "aria-hidden": "true", onchange: () => changed(input.value = swatch.value),
  });
  const parts = COLOUR.test(String(option.default)) ? [swatch, input] : [input];
  return {
    element: field(option, id, el("div", { class: "amount" }, ...parts)),
    show: (value) => { input.value = swatch.value = String(value ?? ""); },
  };
}

/**
 * @param {Option} option
 * @param {(value: Value) => void} changed
 * @returns {Control}
 */
function button(option, changed) {
  const element = el("div", { class: "field" },
    el("button", { type: "button", onclick: () => changed(true) }, option.title), about(option));
  return { element, show: () => undefined };
}

/**
 * @param {Option} option
 * @param {string} id
 * @returns {Control}
 */
function fact(option, id) {
  const output = el("output", { id });
  /** @param {Value} value */
  const named = (value) => option.choices.find((each) => each.value === value)?.title
    ?? (typeof value === "number" ? shortest(value) : String(value ?? "–"));
  const element = field(option, id, el("div", { class: "amount" }, output, unit(option)));
  return { element, show: (value) => { output.textContent = named(value); } };
}

/**
 * @param {Option} option
 * @param {string} id
 * @param {...HTMLElement} parts
 */
function field(option, id, ...parts) {
  return el("div", { class: "field" },
    el("label", { for: id, title: option.description || null }, option.title), ...parts, about(option));
}

/** @param {Option} option */
function about(option) {
  return option.description && option.advanced && el("p", { class: "about" }, option.description);
}

/** @param {Option} option */
function unit(option) {
  return option.unit && el("span", { class: "unit" }, option.unit);
}

/**
 * @param {Option} option
 * @param {HTMLInputElement} input
 */
function suggestions(option, input) {
  const id = `${input.id}-usual`;
  input.setAttribute("list", id);
  const fitting = USUAL_DPI.filter((dpi) => dpi >= (option.minimum ?? 0) && dpi <= (option.maximum ?? Infinity));
  return el("datalist", { id }, ...fitting.map((dpi) => el("option", { value: dpi })));
}

/** @param {Option} option */
function between({ minimum, maximum, unit: of }) {
  const tail = of ? ` ${of}` : "";
  const most = maximum === null ? "" : shortest(maximum) + tail;
  if (minimum === null) return maximum === null ? say("number") : say("atMost", { most });
  if (maximum === null) return say("atLeast", { least: shortest(minimum) + tail });
  return say("between", { least: shortest(minimum), most });
}

/** @param {number} number */
function shortest(number) {
  return String(Math.round(number * 1000) / 1000);
}
