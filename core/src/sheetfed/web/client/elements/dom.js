/** Makes elements. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Makes an element. Names that start with `on` are listeners, `class` is a class, true and false
 * set and leave out an attribute.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  put(element, ...children);
  return element;
}

/**
 * Adds children to an element, leaving out the absent ones.
 * @param {Element} element
 * @param {...Child} children
 */
export function put(element, ...children) {
  for (const child of children) if (child || child === "") element.append(child);
}

/** @type {Record<string, string>} */
export const ICONS = {
  left: "M12.5 4.5 7 10l5.5 5.5",
  right: "M7.5 4.5 13 10l-5.5 5.5",
  down: "M5 8l5 5 5-5",
  bin: "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.8 9v4.5M11.2 9v4.5",
  close: "M5 5l10 10M15 5 5 15",
  plus: "M10 4v12M4 10h12",
  camera: "M3 6.5h3L7.5 4.5h5L14 6.5h3v9H3zM10 13.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4z",
  scanner: "M3 11.5h14v4H3zM5 11.5 4 4.5l11 4M14 13.5h.01",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  minus: "M4 10h12",
  whole: "M4 3h12v14H4zM7 6h6v8H7z",
  tall: "M4 3h12M4 17h12M10 5.5v9M8 7.5l2-2 2 2M8 12.5l2 2 2-2",
  wide: "M3 4v12M17 4v12M5.5 10h9M7.5 8l-2 2 2 2M12.5 8l2 2-2 2",
  "turn-left": "M4 4v4h4M4.5 8A6.5 6.5 0 1 1 4 12",
  "turn-right": "M16 4v4h-4M15.5 8A6.5 6.5 0 1 0 16 12",
  crop: "M6 2v12h12M2 6h12v12",
  undo: "M7.5 4.5 4 8l3.5 3.5M4 8h7.5a4.2 4.2 0 0 1 0 8.5H8",
  redo: "M12.5 4.5 16 8l-3.5 3.5M16 8H8.5a4.2 4.2 0 0 0 0 8.5H12",
  zoom: "M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM12.5 12.5 17 17M6 8.5h5M8.5 6v5",
  stop: "M5.5 5.5h9v9h-9z",
  roll: "M6 2.5h8v6H6zM6 11.5h8v6H6z",
  print: "M6 7V3h8v4M6 14H3.5V7.5h13V14H14M6 11.5h8V17H6z",
  insert: "M10 6v8M6 10h8M3 3h14M3 17h14",
};

/**
 * A small drawing in the colour of the text around it.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", ["left", "right", "undo", "redo", "send"].includes(name) ? "icon turns" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/**
 * A button that is a drawing.
 * @param {string} drawing
 * @param {string} title
 * @param {() => void} act
 */
export function tool(drawing, title, act) {
  return el("button", { type: "button", class: "icon-only quiet", "aria-label": title, title, onclick: act }, icon(drawing));
}
