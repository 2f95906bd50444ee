"""``python -m winback.template``: dvc.yaml of this repository, whose imports it follows."""

import sys

from winback.template.pipeline import render_pipeline

sys.stdout.write(render_pipeline(installed=False))
