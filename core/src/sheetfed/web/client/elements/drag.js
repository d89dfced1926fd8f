/** Moving pages by dragging them, and dropping files among them. */

/**
 * Lets sheets inside `root` be dragged to another place, and files be dropped between them.
 * @param {HTMLElement} root
 * @param {object} deeds
 * @param {(id: string) => string[]} deeds.taken   which pages go along with the one that is dragged
 * @param {(ids: string[], before: string | null) => void} deeds.drop
 * @param {(files: File[], before: string | null) => void} deeds.files
 */
export function draggable(root, { taken, drop, files }) {
  /** @type {string[]} */
  let going = [];

  root.addEventListener("dragstart", (event) => {
    const sheet = sheetOf(event);
    if (!sheet || !event.dataTransfer) return;
    going = taken(idOf(sheet));
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", String(going.length));
    requestAnimationFrame(() => going.forEach((id) => find(root, id)?.classList.add("going")));
  });
  root.addEventListener("dragover", (event) => {
    if (!going.length && !hasFiles(event)) return;
    event.preventDefault();
    root.classList.toggle("receives", !going.length);
    const sheet = sheetOf(event);
    unmark(root);
    if (sheet) sheet.classList.add(isBefore(sheet, event) ? "drop-before" : "drop-after");
  });
  root.addEventListener("drop", (event) => {
    if (!going.length && !hasFiles(event)) return;
    event.preventDefault();
    const sheet = sheetOf(event);
    const before = sheet ? placeOf(sheet, isBefore(sheet, event), going) : null;
    if (going.length) drop(going, before);
    else files([...event.dataTransfer?.files ?? []], before);
    end();
  });
  root.addEventListener("dragend", end);
  root.addEventListener("dragleave", (event) => {
    if (event.target === root) root.classList.remove("receives");
  });

  function end() {
    unmark(root);
    for (const each of root.querySelectorAll(".going")) each.classList.remove("going");
    root.classList.remove("receives");
    going = [];
  }
}

/** @param {DragEvent} event */
function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/**
 * The page that the dragged ones are to stand before: the next that stays.
 * @param {HTMLElement} sheet
 * @param {boolean} before
 * @param {string[]} going
 */
function placeOf(sheet, before, going) {
  let place = /** @type {HTMLElement | null} */ (before ? sheet : sheet.nextElementSibling);
  while (place && going.includes(idOf(place))) place = /** @type {HTMLElement | null} */ (place.nextElementSibling);
  return place ? idOf(place) || null : null;
}

/** @param {Event} event */
function sheetOf(event) {
  const element = /** @type {Element} */ (event.target);
  return /** @type {HTMLElement | null} */ (element.closest("[data-id]"));
}

/** @param {HTMLElement} sheet */
function idOf(sheet) {
  return sheet.dataset["id"] ?? "";
}

/**
 * @param {HTMLElement} sheet
 * @param {DragEvent} event
 */
function isBefore(sheet, event) {
  const { left, width } = sheet.getBoundingClientRect();
  return (event.clientX < left + width / 2) === (getComputedStyle(sheet).direction !== "rtl");
}

/**
 * @param {HTMLElement} root
 * @param {string} id
 */
function find(root, id) {
  return root.querySelector(`[data-id="${CSS.escape(id)}"]`);
}

/** @param {HTMLElement} root */
function unmark(root) {
  for (const each of root.querySelectorAll(".drop-before, .drop-after")) each.classList.remove("drop-before", "drop-after");
}
