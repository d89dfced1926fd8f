/** The key of this site, which no script can read, and the key of the service it met. */

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const PLACE = "site"; // the one entry: a site is one origin, and so is its database

/**
 * @typedef {object} Entry
 * @property {CryptoKey} private   may be used, but never taken out
 * @property {string} key          its public half, SPKI in base64url
 * @property {string} [service]    the public key of the service that approved this site, likewise
 */

/**
 * What a site proves who it is with.
 * @typedef {object} Own
 * @property {string} key
 * @property {(text: string) => Promise<string>} sign
 * @property {((text: string, signature: string) => Promise<boolean>) | null} service
 *   whether the service that approved this site signed the text
 */

/** Kept in this origin's IndexedDB; where that keeps nothing, forbidden, full or broken, as long as the page is. */
export class Keys {
  /** @type {Entry | null} */ #held = null;

  /**
   * The key of this site; made where there is none.
   * @returns {Promise<Own>}
   */
  async own() {
    const entry = this.#held ?? await found().catch(async () => (this.#held = await made()));
    return {
      key: entry.key,
      sign: async (text) => encode(await crypto.subtle.sign(SIGNING, entry.private, bytes(text))),
      service: entry.service ? (text, signature) => signedBy(entry.service ?? "", text, signature) : null,
    };
  }

  /**
   * Remembers the service that approved this site.
   * @param {string} service
   */
  async meet(service) {
    const entry = this.#held ?? await found();
    if (!this.#held) await change((there) => there && { ...there, service }).catch(() => { this.#held = entry; });
    if (this.#held) this.#held = { ...this.#held, service };
  }
}

/** @returns {Promise<Entry>} */
async function found() {
  const there = await access("readonly", (store) => store.get(PLACE));
  return /** @type {Entry} */ (there ?? await keep(await made()));
}

/** @returns {Promise<Entry>} */
async function made() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  return { private: pair.privateKey, key: encode(await crypto.subtle.exportKey("spki", pair.publicKey)) };
}

/**
 * Keeps a new key, unless another tab was faster.
 * @param {Entry} entry
 */
function keep(entry) {
  return change((there) => there ?? entry);
}

/**
 * @param {string} key
 * @param {string} text
 * @param {string} signature
 */
async function signedBy(key, text, signature) {
  const known = await crypto.subtle.importKey("spki", decode(key), ALGORITHM, true, ["verify"]);
  return crypto.subtle.verify(SIGNING, known, decode(signature), bytes(text));
}

/**
 * Changes the entry in one transaction.
 * @param {(entry: Entry | undefined) => Entry | undefined} how
 * @returns {Promise<Entry | undefined>}
 */
async function change(how) {
  /** @type {Entry | undefined} */ let after;
  await access("readwrite", (store) => {
    const reading = store.get(PLACE);
    reading.onsuccess = () => {
      after = how(reading.result);
      if (after) store.put(after, PLACE);
    };
    return reading;
  });
  return after;
}

/**
 * Asks the database; ends when the transaction is over.
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} question
 * @returns {Promise<any>}
 */
async function access(mode, question) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction("keys", mode);
      const asked = question(transaction.objectStore("keys"));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("sheetfed", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/** @param {string} text */
function bytes(text) {
  return new TextEncoder().encode(text);
}

/** @param {ArrayBuffer} data */
function encode(data) {
  const text = btoa(String.fromCharCode(...new Uint8Array(data)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function decode(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
}
