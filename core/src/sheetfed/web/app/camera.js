/** What the chosen camera sees, above its settings. */

import { Sheetfed } from "../client/index.js";

/**
 * @typedef {import("../client/elements/camera.js").SheetfedCamera} SheetfedCamera
 * @typedef {import("../client/shapes.js").Device} Device
 */

/** Shows the live picture of a camera; its element is fetched once one is chosen. */
export class Camera {
  #root;
  #sheetfed;
  #take;
  /** @type {SheetfedCamera | null} */ #element = null;
  #device = "";

  /**
   * @param {HTMLElement} root
   * @param {Sheetfed} sheetfed
   * @param {() => void} take   takes pictures as `wish` says
   */
  constructor(root, sheetfed, take) {
    this.#root = root;
    this.#sheetfed = sheetfed;
    this.#take = take;
  }

  /** What is asked besides of a job; nothing where no camera is chosen. */
  get wish() {
    return this.#element?.wish ?? { settings: {}, steps: [] };
  }

  /** Whether pictures are being taken. */
  set busy(/** @type {boolean} */ busy) {
    if (this.#element) this.#element.busy = busy;
  }

  /** @param {Device | null} device */
  async show(device) {
    const id = device?.kind === "camera" ? device.id : "";
    if (id === this.#device) return;
    this.#device = id;
    this.#root.hidden = id === "";
    if (id === "") {
      this.#element = null;
      return this.#root.replaceChildren();
    }
    if (this.#element) return this.#element.setAttribute("device", id);
    const { SheetfedCamera } = await import("../client/elements/camera.js").catch((error) => {
      if (this.#device === id) this.#device = ""; // it is asked for again when the camera is next chosen
      throw error;
    });
    if (this.#device !== id || this.#element) return;
    const element = this.#element = new SheetfedCamera();
    element.setAttribute("plain", "");
    element.setAttribute("device", id);
    element.addEventListener("capture", (event) => {
      event.preventDefault();
      this.#take();
    });
    element.sheetfed = this.#sheetfed;
    this.#root.replaceChildren(element);
  }
}
