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

/**
 * The element of the page with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html lacks #${id}`);
  return found;
}

/** @type {Record<string, string>} */
const ICONS = {
  refresh: "M16.5 10a6.5 6.5 0 1 1-2-4.7M16.5 3v3.5H13",
  left: "M12.5 4.5 7 10l5.5 5.5",
  right: "M7.5 4.5 13 10l-5.5 5.5",
  down: "M5 8l5 5 5-5",
  bin: "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.8 9v4.5M11.2 9v4.5",
  close: "M5 5l10 10M15 5 5 15",
  keys: "M2.5 6h15v8.5h-15zM5 8.8h.01M8.3 8.8h.01M11.7 8.8h.01M15 8.8h.01M6.5 11.8h7",
  plus: "M10 4v12M4 10h12",
  folder: "M3 5.5h5l1.5 2H17v8H3z",
  camera: "M3 6.5h3L7.5 4.5h5L14 6.5h3v9H3zM10 13.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4z",
  scanner: "M3 11.5h14v4H3zM5 11.5 4 4.5l11 4M14 13.5h.01",
  zoom: "M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM12.5 12.5 17 17M6 8.5h5M8.5 6v5",
  warning: "M10 3 18 16.5H2zM10 8v4M10 14.4h.01",
  stop: "M5.5 5.5h9v9h-9z",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  site: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM3 10h14M10 3c5 4.5 5 9.5 0 14M10 3c-5 4.5-5 9.5 0 14",
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
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}
