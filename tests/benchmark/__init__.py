"""reconfig measured, beside other programs too: `python -m tests.benchmark` writes the page."""
