"""`python -m breathsync` is the `breathsync` command."""

from breathsync.cli.main import run

if __name__ == "__main__":
    run()
