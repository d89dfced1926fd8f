/** The live picture of a camera, with what is seen in it drawn over. */

import { el } from "./dom.js";
import { draw, overlay } from "./marks.js";

/** @typedef {import("../preview.js").Frame} Frame */

/** Shows one frame after the other. */
export class Live {
  #canvas;
  #marks = overlay();
  #pen;
  element;

  /** @param {string} name   what the picture is called */
  constructor(name) {
    this.#canvas = el("canvas", { role: "img", "aria-label": name, part: "picture", width: 16, height: 9 });
    this.#pen = this.#canvas.getContext("2d", { alpha: false });
    this.element = el("div", { class: "live", part: "view" }, this.#canvas, this.#marks);
  }

  /** @param {Frame} frame */
  async show(frame) {
    const picture = await createImageBitmap(frame.blob);
    if (this.#canvas.width !== picture.width || this.#canvas.height !== picture.height) {
      this.#canvas.width = picture.width;
      this.#canvas.height = picture.height;
    }
    this.#pen?.drawImage(picture, 0, 0);
    picture.close();
    draw(this.#marks, frame);
  }

  /** Shows nothing. */
  clear() {
    this.#pen?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#marks.replaceChildren();
  }
}
