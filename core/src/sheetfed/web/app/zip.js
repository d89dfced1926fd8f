/** Puts files into one, as they are: pictures are packed already. */

const LOCAL = 0x04034b50; // the signatures of the parts: APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8 = 0x0800; // names are UTF-8: 4.4.4, bit 11
const MOST = 0xffffffff; // what 32 bits can say; longer archives would need Zip64
const POLYNOMIAL = 0xedb88320;
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? POLYNOMIAL ^ (value >>> 1) : value >>> 1;
  return value;
});

/** Files that come one after the other. Throws RangeError where they are more than an archive can hold. */
export class Archive {
  /** @type {BlobPart[]} */ #parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */ #entries = [];
  #size = 0;

  /**
   * @param {string} name
   * @param {Blob} data
   */
  async add(name, data) {
    const title = new TextEncoder().encode(name);
    const sum = crc(new Uint8Array(await data.arrayBuffer()));
    const fields = [[2, 20], [2, UTF8], [2, 0], ...moment(new Date()), [4, sum], [4, data.size], [4, data.size], [2, title.length], [2, 0]];
    const head = packed([[4, LOCAL], ...fields], title);
    this.#entries.push(packed([[4, CENTRAL], [2, 20], ...fields, [2, 0], [2, 0], [2, 0], [4, 0], [4, this.#size]], title));
    this.#parts.push(head, data);
    this.#size += head.length + data.size;
    if (this.#size > MOST || this.#entries.length > 0xffff) throw new RangeError("more than an archive can hold");
  }

  /** The whole archive. */
  get file() {
    const count = this.#entries.length;
    const length = this.#entries.reduce((sum, entry) => sum + entry.length, 0);
    const end = packed([[4, END], [2, 0], [2, 0], [2, count], [2, count], [4, length], [4, this.#size], [2, 0]]);
    return new Blob([...this.#parts, ...this.#entries, end], { type: "application/zip" });
  }
}

/** @param {Uint8Array} data */
function crc(data) {
  let sum = 0xffffffff;
  for (const byte of data) sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

/**
 * A moment as two fields of two bytes: its time, then its day.
 * @param {Date} now
 */
function moment(now) {
  return [
    [2, (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1)],
    [2, ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate()],
  ];
}

/**
 * Fields of two or four bytes, the lowest byte first, and what follows them.
 * @param {number[][]} fields
 * @param {Uint8Array} [rest]
 */
function packed(fields, rest = new Uint8Array()) {
  const length = fields.reduce((sum, [size = 0]) => sum + size, 0);
  const made = new Uint8Array(length + rest.length);
  const view = new DataView(made.buffer);
  let at = 0;
  for (const [size = 0, value = 0] of fields) {
    if (size === 4) view.setUint32(at, value, true);
    else view.setUint16(at, value, true);
    at += size;
  }
  made.set(rest, length);
  return made;
}
