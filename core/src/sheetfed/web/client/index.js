/** The client of sheetfed for web pages: `const sheetfed = await connect()`. */

export { at, connect } from "./connect.js";
export { permission } from "./permission.js";
export { CODES, Problem, Unreachable } from "./problem.js";
export { CAUSES } from "./causes.js";
export { Scan } from "./scan.js";
export { Sheetfed } from "./sheetfed.js";
