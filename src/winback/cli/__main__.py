"""``python -m winback.cli``."""

from winback.cli.app import main

main()
