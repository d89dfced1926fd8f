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
 * @typedef {Schemas["Site"]} Site
 * @typedef {Schemas["PendingSite"]} PendingSite
 *
 * @typedef {Pick<Schemas["NewJob"], "device"> & Partial<Schemas["NewJob"]>} JobWish   what a job is asked for
 *
 * Where in a list to go on, and how many to give at most.
 * @typedef {{cursor?: string | null, limit?: number}} Place
 *
 * What every question takes.
 * @typedef {{signal?: AbortSignal | null}} Asking
 */

export {};
