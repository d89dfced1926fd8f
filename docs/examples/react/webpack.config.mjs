/** Builds the page for the browsers that sheetfed supports. */

import { EsbuildPlugin } from "esbuild-loader";

export default {
  mode: "production",
  entry: "./main.jsx",
  output: { module: true, filename: "main.js", publicPath: "auto" },
  experiments: { outputModule: true },
  module: { rules: [{ test: /\.jsx$/, loader: "esbuild-loader", options: { target: "es2022", jsx: "automatic" } }] },
  optimization: { minimizer: [new EsbuildPlugin({ target: "es2022", format: "esm" })] },
  performance: { hints: false },
};
