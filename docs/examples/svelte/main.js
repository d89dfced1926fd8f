/** Scans in a Svelte page. */

import { mount } from "svelte";
import Scanner from "./Scanner.svelte";

mount(Scanner, { target: document.querySelector("#root") });
