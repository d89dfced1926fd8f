/** Lets the page in: by the nonce in its address, or by the token of an earlier time. */

import { at } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { byId } from "./place.js";
import { Token } from "./token.js";
import { say } from "./words.js";

const NOBODY = { token: () => "", refuse: () => undefined };
const NONCE = /^#nonce=(.+)$/;

/** Whether the address brings a nonce. */
export function knocks() {
  return NONCE.test(location.hash);
}

/**
 * Exchanges the nonce in the address for a token, and takes it out of the address first: it must be
 * in no bookmark and no screenshot.
 * @param {Token} token
 * @returns {Promise<boolean>} whether there is a token now, this one or an earlier one
 */
export async function enter(token) {
  const nonce = NONCE.exec(location.hash)?.[1];
  if (nonce) {
    history.replaceState(null, "", "/");
    const { classList } = document.documentElement; // see begin.js
    classList.add("entering");
    await at(location.origin, NOBODY).newPageToken(nonce).then((answer) => token.keep(answer.token), () => undefined);
    classList.remove("entering");
  }
  return token.token() !== "";
}

/** Shows how the page is opened, and nothing else. */
export function lock() {
  if (document.body.classList.contains("locked")) return;
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  document.body.classList.add("locked");
  byId("locked").hidden = false;
  byId("locked").replaceChildren(
    icon("lock"), el("h2", {}, say("locked")), el("p", {}, say("lockedAdvice")),
    el("p", {}, el("kbd", {}, say("lockedCommand"))), el("p", { class: "muted" }, say("lockedWhy")));
}
