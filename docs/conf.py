"""The site, by Sphinx: `make docs` builds it and takes a warning for an error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import hwflow

project = "hwflow"
author = "the hwflow developers"
release = hwflow.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "reference"]
html_theme = "furo"
html_title = f"hwflow {release}"
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_ext"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
# The pages are read beside the sources too: links to files outside docs/ lead there, and not into the site.
suppress_warnings = ["myst.xref_missing", "myst.header", "misc.highlighting_failure"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "inherited-members": True}
