/** Why there is no way to the service, for the person and for the developer of the page. */

export const CAUSES = /** @type {const} */ ({
  "insecure-page": {
    person: "This page cannot use a scanner, because it was not loaded over a secure connection. Tell its makers.",
    developer: "Serve the page over https:, or from localhost: no browser lets another page reach a service on this computer.",
  },
  "not-delegated": {
    person: "This page stands inside another one that does not let it use a scanner. Tell its makers.",
    developer: 'The frame needs allow="loopback-network; local-network-access", and no page above it may send Permissions-Policy: loopback-network=().',
  },
  "lna-denied": {
    person: "The browser keeps {site} from other apps on this device. Click the icon left of the address, allow “Apps on device”, then try again.",
    developer: "The permission loopback-network is denied for the page (in a frame: for the page at the top). Only the person or a policy can change that.",
  },
  "lna-prompt": {
    person: "Your browser is going to ask whether {site} may reach other apps on this device. Choose Allow: that is how it reaches your scanner.",
    developer: "The permission loopback-network is not decided yet. Call `go` from a click, once the person has read why the browser will ask.",
  },
  "lna-prompt-open": {
    person: "Your browser asks whether {site} may reach other apps on this device. Choose Allow.",
    developer: "The request waits for the browser's question about loopback-network; it goes on by itself when that is answered.",
  },
  "lna-dismissed": {
    person: "The browser's question was closed. Try again, and choose Allow: that is how {site} reaches your scanner.",
    developer: "The question about loopback-network was closed without an answer; the next request asks again.",
  },
  "csp-blocked": {
    person: "This page's own rules keep it from the scanner. Tell its makers.",
    developer: "The page's Content-Security-Policy has to allow: connect-src {needed}; img-src blob:",
  },
  "tls-not-trusted": {
    person: "This browser does not trust the certificate of sheetfed. Run “sheetfed trust install”, quit the browser and open it again.",
    developer: "The plain port answers and the TLS port does not: the certificate of sheetfed is not trusted here, or its TLS is off.",
  },
  "not-running": {
    person: "sheetfed does not answer on this computer. Start it; if it is not here yet, install it.",
    developer: "No port answers as sheetfed: {addresses}.",
  },
  "service-too-old": {
    person: "The sheetfed on this computer is too old for this page. Update it.",
    developer: "The service speaks version {found} of the interface, this client needs {wanted}.",
  },
  "service-too-new": {
    person: "The sheetfed on this computer is newer than this page understands. Tell its makers.",
    developer: "The service speaks version {found} of the interface, this client {wanted}: update @sheetfed/client.",
  },
  "origin-not-approved": {
    person: "{site} may not use your scanner yet. Ask again, compare the code with the one that sheetfed shows, and approve it there.",
    developer: "{origin} is not approved. Give `connect` a `show` function: it gets the code to be compared.",
  },
  "pairing-expired": {
    person: "Nobody approved {site} in time. Ask again, and approve it in sheetfed within a minute.",
    developer: "The request for approval expired; call `connect` again when the person is there.",
  },
  "site-blocked": {
    person: "You blocked {site} in sheetfed. To let it scan, forget that under Sites there.",
    developer: "The person or an administrator blocked {origin}; it cannot ask again.",
  },
  "other-service": {
    person: "This is not the sheetfed that {site} met before. If you installed it anew, connect once more and approve the site again.",
    developer: "The service does not own the key that was kept at pairing. Call `connect` with `anew: true` once the person agreed.",
  },
  "service-failed": {
    person: "sheetfed answers on this computer, but something fails there. Start it again, then try once more.",
    developer: "The service failed, or something else answers in its place: {said}.",
  },
  "busy": {
    person: "sheetfed has too many requests to answer now. Try again in a minute.",
    developer: "The service answered 429 to a page that is not approved yet.",
  },
});

/** @typedef {keyof typeof CAUSES} CauseCode */
