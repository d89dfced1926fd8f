/** Says what is not to be seen of the page as it came, and has it seen before its modules are loaded. */

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
  const token = () => {
    try {
      return sessionStorage.getItem("sheetfed token");
    } catch {
      return null; // site data is blocked: each load knocks
    }
  };
  root.classList.toggle("shut", !knocks && !token());
  const load = () => document.head.append(/** @type {HTMLTemplateElement} */ (document.getElementById("modules")).content);
  if (document.hidden || other || root.classList.contains("shut")) return load(); // nothing is to be read before it
  new PerformanceObserver(load).observe({ type: "paint", buffered: true });
  setTimeout(load, 2_000); // of a page that is hidden meanwhile no paint is told
})();
