/** What the browser lets this page do: reach other apps on the same device. */

const NAMES = ["loopback-network", "local-network-access"]; // the second was its name before

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether this page itself comes from this computer; such a page needs nobody's permission. */
export function isAtHome() {
  return LOOPBACK.test(location.hostname);
}

/** Whether this page stands in a frame of another one. */
export function isFramed() {
  return globalThis.window !== undefined && window.top !== window;
}

/**
 * Whether the browser lets this page reach other apps; `unknown` where it does not tell.
 * @returns {Promise<"granted" | "prompt" | "denied" | "unknown">}
 */
export async function permission() {
  if (isAtHome()) return "granted";
  for (const name of NAMES) {
    try {
      const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) });
      return status.state;
    } catch {
      // this browser knows another name, or none
    }
  }
  return "unknown";
}

/** Whether no page above this one keeps it from asking, as far as the browser tells. */
export function isDelegated() {
  const policy = /** @type {any} */ (globalThis.document)?.featurePolicy;
  if (!policy?.allowsFeature || !isFramed()) return true;
  const known = NAMES.filter((name) => policy.features().includes(name));
  return known.length === 0 || known.some((name) => policy.allowsFeature(name));
}

/**
 * What tells `fetch` that a request goes to this device; empty where the browser knows no such thing.
 * @returns {RequestInit}
 */
export function toThisDevice() {
  const more = /** @type {RequestInit} */ ({ targetAddressSpace: "loopback" });
  try {
    new Request("http://127.0.0.1/", more);
    return more;
  } catch {
    return {}; // an older browser, which has another word for it
  }
}
