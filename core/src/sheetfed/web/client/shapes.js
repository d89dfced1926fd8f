/** The names of what travels; the types are made from the service's own description. */

/**
 * @typedef {import("./schema.js").components["schemas"]} Schemas
 *
 * @typedef {boolean | number | string | null} Value
 * @typedef {Record<string, Value>} Settings
 * @typedef {Schemas["Problem"]} ProblemBody
 * @typedef {Schemas["Option"]} Option
 * @typedef {Schemas["Device"]} Device
 * @typedef {Schemas["Job"]} Job
 * @typedef {Schemas["Page"]} Page
 * @typedef {Schemas["Mark"]} Mark
 * @typedef {Schemas["Document"]} Document
 * @typedef {Schemas["DocumentHead"]} DocumentHead
 * @typedef {Schemas["Addon"]} Addon
 * @typedef {Schemas["Format"]} Format
 * @typedef {Schemas["Target"]} Target
 * @typedef {Schemas["Delivery"]} Delivery
 * @typedef {NonNullable<Schemas["Retag"]["pages"]>} Chosen   pages by their ids, or by their places in a document
 * @typedef {Schemas["EditWish"]} EditWish   something to be done to a page
 * @typedef {Schemas["EditOffer"]} EditOffer
 * @typedef {Schemas["Site"]} Site
 * @typedef {Schemas["PendingSite"]} PendingSite
 *
 * @typedef {Schemas["NewJob"]} JobWish   what a job is asked for
 *
 * Where in a list to go on, and how many to give at most.
 * @typedef {{cursor?: string | null, limit?: number}} Place
 *
 * The same, and only what has a tag.
 * @typedef {Place & {tag?: string}} Tagged
 *
 * How a file is opened: what unlocks it, more of what its format can be asked, and a word by which a
 * `file` event shows its first page before any is kept.
 * @typedef {{password?: string, options?: Settings, tags?: string[], watch?: string} & Asking} Opening
 *
 * What every question takes.
 * @typedef {{signal?: AbortSignal | null}} Asking
 */

export {};
