/** How the camera looks. */

export const CAMERA = new CSSStyleSheet();

CAMERA.replaceSync(`
:host { display: block; }
.camera { display: flex; flex-direction: column; gap: 10px; min-width: 0; }
.live { position: relative; overflow: hidden; background: #101214; border-radius: var(--round); }
.live canvas { display: block; width: 100%; height: auto; }
.live .marks .mark { stroke-width: 3px; stroke-linejoin: round; pointer-events: none; }
.cover { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 8px; padding: 12px; overflow-y: auto; text-align: center; color: #f4f2ec; background: rgb(16 18 20 / .82); }
.cover p { max-width: 30em; }
.cover button { color: var(--ink); }
.seen { min-height: 1.5em; }
.taking { display: flex; flex-wrap: wrap; align-items: end; gap: 8px; }
.taking .main { flex: 1 1 10em; }
.taking .field { position: relative; }
.taking label { display: block; margin-bottom: 4px; font-size: .87rem; color: var(--faint); }
.taking .many { width: 5em; }
.taking .paper-field { flex: 1 1 100%; }
.controls > summary { width: 100%; }
.controls[open] > summary { margin-bottom: 10px; }
`);
