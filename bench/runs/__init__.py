"""The conductor: a run from its plan to its page, dry runs, rescoring, merged reports."""
