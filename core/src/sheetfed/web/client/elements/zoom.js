/** How large pages are looked at. */

/**
 * A number is how many CSS pixels one of the page takes.
 * @typedef {"page" | "width" | "height" | number} Zoom
 */

const STEPS = [0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.7, 1, 1.5, 2, 3, 4];

/**
 * The next larger or smaller scale.
 * @param {number} now
 * @param {-1 | 1} by
 */
export function stepFrom(now, by) {
  const larger = STEPS.filter((each) => each > now * 1.02);
  const smaller = STEPS.filter((each) => each < now * 0.98);
  return (by > 0 ? larger[0] : smaller.at(-1)) ?? now;
}

/**
 * The scale that a zoom means for a page in a room of so many CSS pixels.
 * @param {Zoom} zoom
 * @param {{width: number, height: number}} page
 * @param {{width: number, height: number}} room
 */
export function scaleOf(zoom, page, room) {
  if (typeof zoom === "number") return zoom;
  const across = room.width / page.width;
  const down = room.height / page.height;
  return Math.max(0.01, zoom === "width" ? across : zoom === "height" ? down : Math.min(across, down));
}
