/** Scans in a Vue page. */

import { createApp } from "vue";
import Scanner from "./Scanner.vue";

createApp(Scanner).mount("#root");
