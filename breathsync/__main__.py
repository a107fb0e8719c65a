"""The command `breathsync`, also as `python -m breathsync`: Ctrl-C is answered quietly from the first moment on."""

import sys


def main() -> None:
    """Load the commands, which takes a good part of a second, and run the one that was typed."""
    try:
        from breathsync.cli.main import run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        print("breathsync: stopped.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
