"""How the documentation is built: Sphinx, MyST and Furo."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "sheetfed"
author = "the authors of sheetfed"
version = release = version_of("sheetfed")

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3

exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"sheetfed {release}"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1c5a63", "color-brand-content": "#1c5a63"},
    "dark_css_variables": {"color-brand-primary": "#7cc4cb", "color-brand-content": "#7cc4cb"},
}
