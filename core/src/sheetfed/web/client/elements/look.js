/** How the elements look; their colours are custom properties, as `--sheetfed-accent`. */

export const LOOK = new CSSStyleSheet();

LOOK.replaceSync(`
:host {
  --table: var(--sheetfed-table, light-dark(#eeece7, #16181a));
  --panel: var(--sheetfed-panel, light-dark(#f9f8f5, #1e2123));
  --raised: var(--sheetfed-raised, light-dark(#ffffff, #272b2e));
  --chosen: var(--sheetfed-chosen, light-dark(#ffffff, #474e53));
  --ink: var(--sheetfed-ink, light-dark(#22262a, #e9e7e2));
  --faint: var(--sheetfed-faint, light-dark(#5b6167, #a9adb1));
  --line: var(--sheetfed-line, light-dark(#d9d5cd, #363b3f));
  --edge: var(--sheetfed-edge, light-dark(#85817a, #7d8489));
  --accent: var(--sheetfed-accent, light-dark(#1c5a63, #7cc4cb));
  --accent-strong: var(--sheetfed-accent-strong, light-dark(#14474e, #9ad5db));
  --on-accent: var(--sheetfed-on-accent, light-dark(#ffffff, #0e2529));
  --wash: var(--sheetfed-wash, light-dark(#dfeaea, #21383c));
  --danger: var(--sheetfed-danger, light-dark(#9f2620, #ff9d94));
  --wait: var(--sheetfed-wait, light-dark(#fdf3dc, #352c19));
  --wait-line: var(--sheetfed-wait-line, light-dark(#c98a1b, #c9973f));
  --trouble: var(--sheetfed-trouble, light-dark(#fbe9e7, #3a2423));
  --paper: var(--sheetfed-paper, #ffffff);
  --shadow: var(--sheetfed-shadow, 0 0 0 1px rgb(40 36 28 / .08), 0 1px 2px rgb(40 36 28 / .14), 0 6px 16px rgb(40 36 28 / .10));
  --shadow-high: var(--sheetfed-shadow-high, 0 0 0 1px rgb(40 36 28 / .1), 0 8px 30px rgb(40 36 28 / .22));
  --round: var(--sheetfed-round, 8px);
  --mark: var(--sheetfed-mark, #d9480f);
  display: flex; flex-direction: column; min-height: 0; color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Liberation Sans", sans-serif;
}
:host([hidden]) { display: none; }

*, *::before, *::after { box-sizing: border-box; }
h2, h3, p, ul, ol { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h2 { font-size: 1.02rem; font-weight: 600; }
h3 { font-size: 1rem; font-weight: 600; }
[hidden] { display: none !important; }
.muted { color: var(--faint); }
.small { font-size: .87rem; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: var(--round); }
.icon { width: 1.25em; height: 1.25em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.icon.turns:dir(rtl) { transform: scaleX(-1); }
button, input, select, summary { font: inherit; color: inherit; }
button, summary {
  display: inline-flex; align-items: center; justify-content: center; gap: .45em;
  min-height: 36px; padding: 0 .85em;
  background: var(--raised); border: 1px solid var(--line); border-radius: var(--round);
  cursor: pointer; user-select: none; white-space: nowrap;
}
button:hover, summary:hover { border-color: var(--edge); }
button:disabled { opacity: .5; cursor: default; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.main:hover:not(:disabled) { background: var(--accent-strong); border-color: var(--accent-strong); }
button.quiet { background: transparent; border-color: transparent; }
button.quiet:hover { background: var(--wash); }
button.icon-only { width: 36px; padding: 0; }
input[type=text], input[type=search], input[type=password], input[type=number], select {
  width: 100%; min-height: 36px; padding: 0 .65em;
  background: var(--raised); border: 1px solid var(--edge); border-radius: var(--round);
}
select {
  appearance: none; padding-right: 2em; text-overflow: ellipsis;
  background:
    linear-gradient(45deg, transparent 50%, var(--faint) 50%) right 15px center / 6px 6px no-repeat,
    linear-gradient(-45deg, transparent 50%, var(--faint) 50%) right 9px center / 6px 6px no-repeat,
    var(--raised);
}
select:dir(rtl) { padding-inline: .65em 2em; background-position: left 9px center, left 15px center, 0 0; }
input::placeholder { color: var(--faint); opacity: 1; }
input[aria-invalid=true] { border-color: var(--danger); outline-color: var(--danger); }
input[type=checkbox], input[type=radio], input[type=range], progress { accent-color: var(--accent); }
input[type=checkbox] { width: 24px; height: 24px; margin: 0; }
input[type=color] { flex: none; width: 36px; height: 36px; padding: 2px; background: var(--raised); border: 1px solid var(--edge); border-radius: var(--round); }
input[type=range] { width: 100%; min-height: 24px; margin: 0; }

.field { position: relative; min-width: 0; margin: 0; padding: 0; border: 0; }
.field > label, .field > legend { display: block; margin-bottom: 4px; padding: 0; font-size: .87rem; color: var(--faint); }
.field.tick { display: grid; grid-template-columns: auto 1fr; align-items: center; column-gap: 8px; }
.field.tick > label { margin: 0; color: var(--ink); font-size: 1rem; min-height: 24px; }
.about { grid-column: 2; }
.mistake { font-size: .87rem; color: var(--danger); }
.mistake:not(:empty) { margin-top: 3px; }
.amount { display: flex; align-items: center; gap: 8px; }
.amount input[type=number] { flex: 1; min-width: 0; }
.amount input[type=range] { flex: 3; }
.amount input[type=range] + input[type=number] { flex: none; width: 5.2em; }
.amount output { font-weight: 600; overflow-wrap: anywhere; }
.unit { color: var(--faint); font-size: .87rem; }
.segments { display: flex; flex-wrap: wrap; padding: 3px; background: color-mix(in srgb, var(--ink) 11%, var(--panel)); border-radius: var(--round); }
.segments label { flex: 1; min-height: 30px; padding: 3px 6px; text-align: center; border-radius: 6px; cursor: pointer; white-space: nowrap; }
.segments label:hover { background: color-mix(in srgb, var(--raised) 45%, transparent); }
.segments input:checked + label { background: var(--chosen); font-weight: 600; box-shadow: 0 1px 2px rgb(0 0 0 / .18); }
.segments input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 1px; }

.selection { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; margin: 0 24px 12px; padding: 4px 6px 4px 14px; background: var(--wash); border-radius: var(--round); }
.menu-button { position: relative; flex: none; }
summary::-webkit-details-marker { display: none; }
.menu-button > summary { width: 36px; padding: 0; background: none; border-color: transparent; }
.menu { position: absolute; z-index: 9; top: calc(100% + 6px); inset-inline-end: 0; display: flex; flex-direction: column; min-width: 200px; padding: 5px; background: var(--raised); border-radius: var(--round); box-shadow: var(--shadow-high); }
.menu button { justify-content: flex-start; border-color: transparent; }
.menu button:hover, .menu button:focus-visible { background: var(--wash); }
.selection > span { margin-inline-end: auto; font-weight: 600; }
.selection button.quiet:hover, .selection summary:hover { background: var(--raised); }
.toasts { position: fixed; z-index: 8; bottom: 20px; left: 50%; display: flex; flex-direction: column; align-items: center; gap: 8px; max-width: calc(100vw - 32px); transform: translateX(-50%); }
.toast { display: flex; flex: none; align-items: center; gap: 12px; padding: 6px 8px 6px 16px; min-height: 44px; background: #26302f; color: #f4f2ec; border-radius: var(--round); box-shadow: var(--shadow-high); animation: rise .18s ease-out; }
.toast > span { padding-inline-end: 8px; overflow-wrap: anywhere; }
.toast button.quiet { color: #9fdde3; font-weight: 600; }
.toast button.quiet:hover { background: rgb(255 255 255 / .12); }
.toast button:focus-visible { outline-color: #9fdde3; }
@keyframes rise { from { transform: translateY(10px); opacity: 0; } }

dialog { width: min(560px, calc(100vw - 32px)); max-height: min(80vh, 720px); padding: 0; color: var(--ink); background: var(--panel); border: 0; border-radius: 12px; box-shadow: var(--shadow-high); }
dialog::backdrop { background: rgb(20 18 14 / .5); }
dialog > header { display: flex; align-items: center; justify-content: space-between; padding: 12px 12px 8px; padding-inline-start: 20px; }
dialog .toasts { bottom: 72px; }

dialog.viewer { display: flex; flex-direction: column; width: 100vw; height: 100dvh; max-width: none; max-height: none; margin: 0; background: var(--table); border-radius: 0; }
dialog.viewer > header { padding-block: 6px 2px; background: var(--panel); }
.toolbar { display: flex; flex-wrap: wrap; align-items: center; gap: 2px; padding: 2px 16px 6px; background: var(--panel); border-bottom: 1px solid var(--line); }
.toolbar .percent { min-width: 3.6em; text-align: center; font-size: .87rem; color: var(--faint); font-variant-numeric: tabular-nums; }
@media (max-width: 480px) { .toolbar .percent { display: none; } } /* the tools come first */
.toolbar .edits { width: auto; max-width: 9.5em; margin-inline: 8px; }
.viewer > footer { display: flex; align-items: center; gap: 8px; padding: 8px 16px; background: var(--panel); border-top: 1px solid var(--line); }
.viewer .facts { flex: 1; text-align: center; color: var(--faint); font-size: .87rem; font-variant-numeric: tabular-nums; }
dialog.viewer .toasts { position: relative; order: 1; bottom: auto; left: auto; height: 0; max-width: none; transform: none; top: 8px; }
dialog.viewer .light-table { order: 2; }
dialog.viewer > footer { order: 3; }
.light-table { flex: 1; min-height: 0; display: flex; }
.stage { flex: 1; min-width: 0; display: grid; padding: 20px; overflow: auto; touch-action: pan-x pan-y pinch-zoom; }
.stage:focus-visible { outline-offset: -3px; }
.paper { position: relative; margin: auto; background: var(--paper); box-shadow: var(--shadow-high); }
.paper img { display: block; width: 100%; height: 100%; object-fit: contain; user-select: none; } /* until the picture of another shape comes */
.text { position: absolute; inset: 0; overflow: clip; container-type: size; pointer-events: none; }
.text div { position: absolute; transform-origin: left top; font-family: sans-serif; line-height: 1; white-space: pre; color: transparent; cursor: text; user-select: text; pointer-events: auto; }
.text div::selection { color: transparent; background: color-mix(in srgb, var(--accent) 35%, transparent); }
.choosing .text div { pointer-events: none; }
.lights { position: absolute; inset: 0; pointer-events: none; }
.lights div { position: absolute; background: color-mix(in srgb, var(--accent) 30%, transparent); outline: 2px solid var(--accent); }
.stage.pans { cursor: grab; }
.stage.panning { cursor: grabbing; }
.stage.choosing { cursor: crosshair; touch-action: none; }
.roll { display: block; padding: 0; touch-action: pan-x pan-y; }
.long { position: relative; }
.long .paper { position: absolute; margin: 0; box-shadow: var(--shadow); }
.toolbar button[aria-pressed=true] { background: var(--wash); color: var(--accent); }
.marks { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; pointer-events: none; }
.mark { fill: color-mix(in srgb, var(--mark) 14%, transparent); stroke: var(--mark); stroke-width: 2px; vector-effect: non-scaling-stroke; pointer-events: auto; }
.mark.pointed { fill: color-mix(in srgb, var(--mark) 40%, transparent); stroke-width: 4px; }
.mark.sheet { fill: none; }
.paper:has(.corners:not([hidden])) .marks { display: none; }
.region { position: absolute; border: 2px solid var(--mark); cursor: move; }
.shade { position: absolute; inset: 0; background: rgb(20 18 14 / .45); pointer-events: none; }
.shade:not(:has(+ .region:not([hidden]))) { display: none; }
.handle { position: absolute; top: 50%; left: 50%; width: 24px; height: 24px; margin: -12px; cursor: ns-resize; }
.handle::after { content: ""; position: absolute; inset: 6px; background: #fff; border: 2px solid var(--mark); border-radius: 50%; }
[data-handle^=n] { top: 0; } [data-handle^=s] { top: 100%; } [data-handle$=w] { left: 0; cursor: ew-resize; } [data-handle$=e] { left: 100%; cursor: ew-resize; }
:is([data-handle=nw], [data-handle=se]) { cursor: nwse-resize; } :is([data-handle=ne], [data-handle=sw]) { cursor: nesw-resize; }
.corners { position: absolute; inset: 0; }
.corners svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.corners path { fill: rgb(20 18 14 / .45); fill-rule: evenodd; }
.corners path:last-child { fill: none; stroke: var(--mark); stroke-width: 2px; vector-effect: non-scaling-stroke; }
.corner { position: absolute; width: 28px; min-height: 28px; height: 28px; margin: -14px; padding: 0; background: none; border: 0; cursor: grab; touch-action: none; }
.corner::after { content: ""; position: absolute; inset: 6px; background: rgb(255 255 255 / .6); border: 3px solid var(--mark); border-radius: 50%; }
.corner:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; border-radius: 50%; }
.side-panel { flex: none; display: flex; flex-direction: column; gap: 16px; width: 300px; padding: 16px; overflow-y: auto; background: var(--panel); border-inline-start: 1px solid var(--line); }
.side-panel:not(:has(> :not([hidden]))) { display: none; }
.edit-panel, .found { display: flex; flex-direction: column; gap: 12px; }
.panel-actions { display: flex; flex-wrap: wrap; gap: 8px; }
.findings li { border-top: 1px solid var(--line); }
.finding { display: grid; justify-content: start; justify-items: start; gap: 0; width: 100%; height: auto; min-height: 36px; padding: 6px 4px; text-align: start; white-space: normal; }
.finding .kind { font-size: .78rem; color: var(--faint); }
.finding .value { overflow-wrap: anywhere; }
.missing { padding: 6px 4px; color: var(--danger); }
.connection { display: flex; flex-direction: column; align-items: start; gap: 8px; max-width: 30em; margin-top: 8px; padding: 12px 14px; background: var(--wait); border-inline-start: 4px solid var(--wait-line); border-radius: var(--round); }
.connection .code { font: 600 2rem/1.2 ui-monospace, "Liberation Mono", monospace; letter-spacing: .06em; }
.scans { align-self: start; }
.scan-words:not(:empty) { margin-top: 6px; }
.caption .chip { padding: 0 6px; font-size: .78rem; border-radius: 99px; background: var(--wash); color: var(--ink); }

/* Paper: sheets on the table, and one sheet held up large. */

/* Without a layer of its own, and with a ground of its own, all that is seen would be drawn anew for each frame that is scrolled. */
.table, .roll { will-change: transform; }
.table { flex: 1; min-height: 0; padding: 8px 24px 32px; overflow-y: auto; scroll-padding: 24px; }
.table.receives { outline: 3px dashed var(--accent); outline-offset: -8px; background: var(--wash); }
.table:focus-visible { outline-offset: -4px; }

:host { --sheet: 172px; --tall: 240px; }
.sheets { position: relative; display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--sheet), 1fr)); grid-auto-rows: calc(var(--tall) + 34px); gap: 22px 20px; align-items: end; }
.bare .sheets { display: none; }
.table:not(.bare) .empty { display: none; }
.place { position: absolute; width: 1px; }

.page { position: relative; display: flex; flex-direction: column; align-items: center; gap: 6px; min-width: 0; }
.page.arrives { animation: arrive .28s ease-out; }
@keyframes arrive { from { opacity: 0; transform: translateY(14px) scale(.97); } }

.page .sheet {
  display: block; height: auto; min-height: 0; padding: 0; overflow: hidden;
  width: min(var(--sheet), var(--tall) * var(--ratio, .7)); aspect-ratio: var(--ratio, .7);
  background: var(--paper); border: 0; border-radius: 2px; box-shadow: var(--shadow);
  transition: box-shadow .15s, transform .15s;
}
.page button.sheet { cursor: zoom-in; }
.page:hover button.sheet { box-shadow: var(--shadow-high); }
.page .sheet:focus-visible { outline-width: 3px; outline-offset: 4px; border-radius: 2px; }
.page .sheet img { display: block; width: 100%; height: 100%; object-fit: fill; opacity: 0; }
.page.arrives .sheet img { transition: opacity .2s; }
.page.shown .sheet img { opacity: 1; }
.page.lost .sheet { background: repeating-linear-gradient(45deg, var(--line) 0 6px, var(--raised) 6px 12px); }

.caption { display: flex; align-items: center; gap: 6px; min-height: 24px; font-size: .87rem; color: var(--faint); font-variant-numeric: tabular-nums; }
.caption .side { padding: 0 6px; font-size: .78rem; border: 1px solid var(--line); border-radius: 99px; }

.page .pick { position: absolute; z-index: 1; top: 0; left: 50%; display: grid; place-items: center; width: 34px; height: 34px; margin: 0; transform: translateX(calc(-1 * min(var(--sheet), var(--tall) * .7) / 2)); opacity: 0; cursor: pointer; }
.page .pick input { color-scheme: light; background: var(--paper); box-shadow: 0 0 0 2px rgb(255 255 255 / .85); border-radius: 4px; }
.page:hover .pick, .page:focus-within .pick, .choosing .pick { opacity: 1; }

.page .tools { position: absolute; z-index: 1; bottom: 38px; display: flex; gap: 2px; padding: 3px; background: var(--raised); border-radius: var(--round); box-shadow: var(--shadow); opacity: 0; transition: opacity .12s; }
.page:hover .tools, .page .tools:focus-within { opacity: 1; }
.page:has(.sheet:focus-visible) .tools { opacity: 1; }
.choosing .page .tools { display: none; }
.rushing .page:not(:focus-within) :is(.pick, .tools) { visibility: hidden; } /* nobody can hit them, and each costs a frame its time */
.page .tools button { width: 30px; min-height: 30px; border-color: transparent; background: none; }
.page .tools button:hover { background: var(--wash); }
@media (hover: none) { .page .tools, .page .pick { opacity: 1; } }

.page.chosen .sheet { outline: 3px solid var(--accent); outline-offset: 4px; }
.page.chosen .number { font-weight: 700; color: var(--ink); }
.page.going { opacity: .35; }
.drop-before::before, .drop-after::before { content: ""; position: absolute; top: 0; bottom: 30px; width: 4px; background: var(--accent); border-radius: 2px; }
.drop-before::before { inset-inline-start: -12px; }
.drop-after::before { inset-inline-end: -12px; }

.ahead .sheet { outline: 1.5px dashed var(--edge); outline-offset: 3px; }

/* The sheet that is in the scanner now */

.coming .sheet { position: relative; background: color-mix(in srgb, var(--paper) 35%, var(--table)); box-shadow: none; outline: 1.5px dashed var(--edge); outline-offset: -1px; }
.coming .lamp { position: absolute; inset: 0 0 auto; height: calc(100% * var(--done)); background: var(--paper); border-bottom: 2px solid var(--accent); box-shadow: 0 3px 12px color-mix(in srgb, var(--accent) 60%, transparent); transition: height .15s linear; }
.coming.unknown .lamp { height: 100%; border: 0; opacity: .6; box-shadow: none; animation: breathe 1.6s ease-in-out infinite; }

/* Nothing yet */

.empty { display: flex; flex-direction: column; align-items: center; gap: 6px; min-height: min(70vh, 560px); padding-top: min(14vh, 110px); max-width: 26rem; margin: 0 auto; text-align: center; }

@media (max-width: 1600px) { .selection .wide { display: none; } }

@media (max-width: 820px) {
  .table { padding: 8px 16px 32px; overflow: visible; will-change: auto; }
  :host { --sheet: 140px; --tall: 200px; }
  .sheets { gap: 18px 14px; }
  .empty { min-height: 300px; padding-top: 24px; }
  .light-table { flex-direction: column; }
  .side-panel { width: auto; max-height: 45%; border-inline-start: 0; border-top: 1px solid var(--line); }
  .panel-actions { position: sticky; bottom: -16px; padding-block: 8px; background: var(--panel); }
  .selection { position: relative; gap: 2px; margin: 0 16px 12px; padding-inline: 12px 4px; }
  .selection > span { flex-basis: 100%; }
  .selection .menu-button { position: static; }
  .selection .label { display: none; }
  .selection button { width: 36px; padding: 0; }
}

@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation-duration: .01ms !important; transition: none !important; } }
`);
