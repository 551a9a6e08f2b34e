"""Starts the shop under test and runs every case against it."""

import sys

import harness
import server

# Importing a module registers its cases, which run in this order: those that change the shop come last.
import cases_accessibility  # noqa: F401
import cases_analytics  # noqa: F401
import cases_churn  # noqa: F401
import cases_demand  # noqa: F401
import cases_drilldown  # noqa: F401
import cases_interests  # noqa: F401
import cases_keyboard  # noqa: F401
import cases_pages  # noqa: F401
import cases_patterns  # noqa: F401
import cases_recommend  # noqa: F401
import cases_states  # noqa: F401
import cases_value  # noqa: F401
import cases_voice  # noqa: F401
import cases_rules  # noqa: F401
import cases_segments  # noqa: F401
import cases_voice_decisions  # noqa: F401
import cases_actions  # noqa: F401
import cases_restock  # noqa: F401
import cases_campaigns  # noqa: F401


def main():
    try:
        with server.LodeServer() as shop:
            return harness.run(shop, sys.argv[1:])
    except (RuntimeError, OSError) as error:
        print(f"end-to-end: {error}", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1


sys.exit(main())
