/** How a form of options looks. */

export const FORM = new CSSStyleSheet();

FORM.replaceSync(`
:host { display: block; }
.options, .group { display: grid; grid-template-columns: 1fr 1fr; align-content: start; gap: 14px 12px; }
.options > *, .options ::slotted(*), .group > * { grid-column: 1 / -1; }
.options .field.short { grid-column: auto; }
.options > .field.short { align-self: end; } /* beside one whose name takes two lines */
.about { margin-top: 3px; font-size: .82rem; line-height: 1.4; color: var(--faint); overflow-wrap: anywhere; }
.all > summary { justify-content: flex-start; width: 100%; padding: 0; background: none; border: 0; color: var(--accent); font-weight: 600; }
.all > summary::before { content: ""; width: 7px; height: 7px; margin: 0 4px 0 2px; border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(-45deg); transition: transform .15s; }
.all > summary:dir(rtl)::before { transform: rotate(135deg); }
.all[open] > summary::before { transform: rotate(45deg); }
.group { align-items: start; gap: 12px; padding: 12px 0; border-top: 1px solid var(--line); }
.group > h2 { font-size: .82rem; color: var(--faint); }
.ends { display: flex; flex-wrap: wrap; gap: 8px; padding-top: 12px; border-top: 1px solid var(--line); }

.profiles { display: flex; flex-direction: column; gap: 8px; }
.profiles:not(:has(> :not([hidden]))) { display: none; }
.naming { display: flex; flex-wrap: wrap; gap: 6px; }
.naming input { flex: 1 1 9em; min-width: 0; }
.profile-row select { min-width: 0; }
.menu-button > summary:hover { background: var(--wash); }
`);
