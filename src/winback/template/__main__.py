"""``python -m winback.template``: dvc.yaml of this repository, whose imports it follows.

``--installed``: the one that `winback init` writes.
"""

import sys

from winback.template.pipeline import render_pipeline

sys.stdout.write(render_pipeline(installed="--installed" in sys.argv[1:]))
