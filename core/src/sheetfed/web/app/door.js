/** Lets the page in: by the nonce in its address, or by the token of an earlier time. */

import { Api } from "./api.js";
import { byId, el, icon } from "./dom.js";
import { Token } from "./token.js";
import { say } from "./words.js";

const NONCE = /^#nonce=(.+)$/;

/** Whether the address brings a nonce. */
export function knocks() {
  return NONCE.test(location.hash);
}

/**
 * Exchanges the nonce in the address for a token, and takes it out of the address first: it must be
 * in no bookmark and no screenshot.
 * @param {Api} api
 * @param {Token} token
 * @returns {Promise<boolean>} whether there is a token now, this one or an earlier one
 */
export async function enter(api, token) {
  const nonce = NONCE.exec(location.hash)?.[1];
  if (nonce) {
    history.replaceState(null, "", location.pathname);
    await api.pageToken(nonce).then((answer) => token.keep(answer.token), () => undefined);
  }
  return token.text !== "";
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
