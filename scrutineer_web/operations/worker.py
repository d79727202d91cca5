"""What works in the background: takes up first what was under way when it last ended.

python -m scrutineer_web.operations.worker
"""

from __future__ import annotations

import django


def main() -> None:
    """Take up what was under way, then work until ended."""
    django.setup()
    from django.core.management import call_command

    from scrutineer_web.actions import background

    background.take_up()
    call_command("db_worker", interval=0.5)


if __name__ == "__main__":
    from scrutineer_web.kit import private
    from scrutineer_web.kit.parent import end_with_parent

    end_with_parent()
    private.keep()
    main()
