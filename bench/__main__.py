"""`python -m bench`."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120


def working_folder_last() -> None:
    """Have modules of the working folder, which `python -m` puts first, stand behind all others.

    They stay at hand for a user's own classes, and hide no module of anybody else's. To be called
    before anything is imported that such a module could hide.
    """
    try:
        here = os.getcwd()  # noqa: PTH109
    except FileNotFoundError:  # the folder is gone
        return
    if sys.path and sys.path[0] == here and not sys.flags.safe_path and here != ROOT:
        sys.path.append(sys.path.pop(0))


if __name__ == "__main__":
    working_folder_last()

    from bench.cli import main

    main()
