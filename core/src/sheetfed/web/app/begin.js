/** Says what is not to be seen of the page as it came, has it seen before its modules, and all of them come. */

(() => {
  const root = document.documentElement;
  const knocks = location.hash.startsWith("#nonce=");
  /** @param {string} name */
  const recalled = (name) => {
    try {
      return JSON.parse(localStorage.getItem(`sheetfed ${name}`) ?? "null");
    } catch {
      return null; // storage may be switched off, or hold something foreign
    }
  };
  const language = recalled("language");
  const other = typeof language === "string" && language !== root.lang;
  if (other) root.lang = language;
  root.classList.toggle("other", other); // its words are those of another language than the chosen one
  root.classList.toggle("newcomer", recalled("welcomed") !== true);
  root.classList.toggle("opening", location.hash !== "" && !knocks);
  let kept = true;
  let token = null;
  try {
    token = sessionStorage.getItem("sheetfed token");
  } catch {
    kept = false; // site data is blocked: each load knocks
  }
  root.classList.toggle("shut", !knocks && !token);
  let recovering = false;
  /** @type {HTMLElement | null} */ let told = null;
  document.addEventListener("error", ({ target }) => { if (target instanceof HTMLScriptElement) recover({ error: target.src }); }, true);
  document.addEventListener("missing", (event) => recover(/** @type {CustomEvent} */ (event).detail));

  /**
   * A part of the page did not come: it is asked for again once the service answers, or the page is loaded anew where
   * that cannot be done. Where it does not come then either, or the page would be locked, the person is told.
   * @param {{error: unknown, again?: () => Promise<unknown>}} missing   what went wrong, and what asks for it again
   */
  async function recover({ error, again }) {
    if (recovering) return;
    recovering = true;
    const [entry] = performance.getEntriesByType("navigation");
    let anew = /** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type !== "reload";
    for (let wait = 250; ; wait = Math.min(wait * 2, 2_000)) {
      if (!await answers()) {
        anew = true;
        tell("away");
        await rest(wait);
      } else if (!again) break;
      else if (await again().then(() => true, () => false)) {
        recovering = false;
        told?.remove();
        return;
      } else if (await answers()) {
        anew = false;
        break;
      }
    }
    while (root.classList.contains("entering")) await rest(50); // the nonce opens once: its answer must be heard
    if (anew && kept) return location.reload();
    console.error(error);
    told?.remove();
    tell("missing");
  }

  /** @param {number} milliseconds */
  function rest(milliseconds) {
    return new Promise((go) => { setTimeout(go, milliseconds); });
  }

  function answers() {
    return fetch("/livez", { cache: "no-store", signal: AbortSignal.timeout(4_000) }).then(({ ok }) => ok, () => false);
  }

  /**
   * Shows a notice that came with the page, unless one of its name is there; notices.js makes all others.
   * @param {"away" | "missing"} what
   */
  function tell(what) {
    const given = document.getElementById(what);
    const notices = document.getElementById("notices");
    const name = given?.dataset["name"] ?? "";
    if (!given || !notices || notices.querySelector(`[data-name="${name}"]`)) return;
    root.classList.remove("shut", "other");
    for (const each of document.querySelectorAll("main[inert]")) each.removeAttribute("inert");
    const notice = /** @type {HTMLElement} */ (given.cloneNode(true));
    notice.removeAttribute("id");
    notice.className = "banner trouble";
    notice.hidden = false;
    notice.querySelector("button")?.addEventListener("click", () => location.reload());
    notices.append(notice);
    told = notice;
  }

  const load = () => document.head.append(/** @type {HTMLTemplateElement} */ (document.getElementById("modules")).content);
  if (document.hidden || other || root.classList.contains("shut")) return load(); // nothing is to be read before it
  new PerformanceObserver(load).observe({ type: "paint", buffered: true });
  setTimeout(load, 2_000); // of a page that is hidden meanwhile no paint is told
})();
