/** Small drawings that the page alone uses. */

import { ICONS } from "../client/elements/dom.js";

Object.assign(ICONS, {
  refresh: "M16.5 10a6.5 6.5 0 1 1-2-4.7M16.5 3v3.5H13",
  keys: "M2.5 6h15v8.5h-15zM5 8.8h.01M8.3 8.8h.01M11.7 8.8h.01M15 8.8h.01M6.5 11.8h7",
  folder: "M3 5.5h5l1.5 2H17v8H3z",
  send: "M3 10 17 3.5 13 17l-3-5.5zM10 11.5 17 3.5",
  open: "M10 13V4M6.5 7.5 10 4l3.5 3.5M4 12.5V16h12v-3.5",
  tag: "M10.5 3H17v6.5L9.5 17 3 10.5zM13.8 6.2h.01",
  warning: "M10 3 18 16.5H2zM10 8v4M10 14.4h.01",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  site: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM3 10h14M10 3c5 4.5 5 9.5 0 14M10 3c-5 4.5-5 9.5 0 14",
});
