/** Scans in a React page: built with webpack, or with any other bundler. */

import { createRoot } from "react-dom/client";
import { Scanner } from "./scanner.jsx";

createRoot(document.querySelector("#root")).render(<Scanner />);
