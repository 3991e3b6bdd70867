#!/usr/bin/env python
"""Runs the portal's commands: `manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from environs import EnvError

    from accounts.audit_context import start_command

    start_command(" ".join(sys.argv[1:2]))
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EnvError) as error:
        sys.exit(f"The portal cannot start: {error}")


if __name__ == "__main__":
    main()
