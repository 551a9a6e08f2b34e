"""Cases, the browser, and what every page must keep to: no console error, no breach of the content policy."""

import json
import os
import shutil
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import expect, sync_playwright

DESKTOP = {"width": 1360, "height": 900}
PHONE = {"width": 360, "height": 780}
WEB = Path(os.environ["LODE_HOME"]) / "Web"
CASES = []

# Runs before the page's own scripts.
WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.__violations.push(`${event.violatedDirective}: ${event.blockedURI || event.sourceFile}`);
});
"""


def case(name):
    """Registers a function `(site)` as a case."""

    def register(function):
        CASES.append((name, function))
        return function

    return register


class Site:
    """The running dashboard, seen through one browser."""

    def __init__(self, browser, server):
        self.browser = browser
        self.server = server
        self.problems = []

    @contextmanager
    def page(
        self,
        address="#/today",
        language="en",
        size=DESKTOP,
        scheme="light",
        failing=None,
        prepare=None,
        settled=True,
    ):
        """A fresh page at an address. With `failing`, log lines about failed requests pass: they are meant."""
        context = self.browser.new_context(viewport=size, color_scheme=scheme, locale="en-US")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: self._log(message, failing))
        page.on("pageerror", lambda error: self.problems.append(f"error in the page: {error}"))
        if prepare:
            prepare(page)
        try:
            page.goto(f"{self.server.url}/?lang={language}{address}")
            if settled:
                settle(page)
            yield page
            self.problems += page.evaluate("window.__violations")
        finally:
            context.close()

    def _log(self, message, failing):
        if message.type not in ("error", "warning"):
            return
        if failing and "Failed to load resource" in message.text:
            return
        self.problems.append(f"console {message.type}: {message.text}")

    def a_need(self):
        """The id of the need with most at stake that has customers with a purchase behind it."""
        return self.server.get("/v1/needs?sort=at_stake&limit=1")["items"][0]["subject"]["id"]

    def a_customer(self):
        """The id of a customer with many orders."""
        return self.server.get("/v1/customers?sort=frequency&limit=1")["items"][0]["customer_id"]

    def an_item(self):
        """The id of an item that somebody bought."""
        return self.server.get("/v1/events?limit=1")["items"][0]["item_id"]

    def a_said_need(self):
        """The id of the need that most customers state."""
        return self.server.get("/v1/voice?sort=customers")["needs"][0]["need_id"]

    def a_decision(self):
        """The id of a decision: one page that was made for a customer, and logged."""
        customer = quote(self.a_customer(), safe="")
        return self.server.get(f"/v1/customers/{customer}/recommendations")["decision_id"]

    def addresses(self):
        """Every page, by name."""
        need, customer, item, decision = (
            quote(value, safe="")
            for value in (self.a_need(), self.a_customer(), self.an_item(), self.a_decision())
        )
        # A draft of two rules, one of which cannot be read.
        draft = quote("no-cheap: filter out where price < 2\nraise 2 where price > 3", safe="")
        return {
            "today": "#/today",
            "needs": "#/needs",
            "need": f"#/needs/{need}",
            "needs said": "#/needs?view=said",
            "map of needs": "#/needs?view=map",
            "need said": f"#/needs/said/{quote(self.a_said_need(), safe='')}",
            "voice": "#/voice",
            "voice, compare": "#/voice/compare?item_id=coffee-1,coffee-2",
            "voice, quotes": "#/voice/quotes?query=coffee",
            "voice, words": "#/voice/words?sort=bad",
            "voice, topics": "#/voice/topics?topic=0",
            "voice, searches": "#/voice/searches",
            "customers": "#/customers",
            "customer": f"#/customers/{customer}?need={need}",
            "segments": "#/segments",
            "segment": "#/segments/rfm-champions",
            "segments, map": "#/segments?view=map",
            "segments, migration": "#/segments?view=migration",
            "segments, compare": "#/segments?view=compare&a=rfm-champions&b=rfm-loyal",
            "segments, rules": "#/segments?view=rules",
            "analytics": "#/analytics",
            "analytics, trends": "#/analytics/trends?preset=by_category",
            "analytics, funnel": "#/analytics/funnel",
            "analytics, retention": "#/analytics/retention",
            "analytics, value curves": "#/analytics/value_curves",
            "analytics, products": "#/analytics/products",
            "analytics, paths": "#/analytics/paths",
            "analytics, rfm": "#/analytics/rfm",
            "analytics, boards": "#/analytics/boards",
            "analytics, cohorts": "#/analytics/cohorts",
            "item": f"#/items/{item}",
            "events": f"#/events?category={need}",
            "trends": "#/trends",
            "trends, factors": "#/trends?view=factors",
            "demand": "#/demand",
            "demand, items": "#/demand?level=item",
            "demand, needs": "#/demand?view=needs",
            "demand, anomalies": "#/demand?view=anomalies",
            "demand of the shop": "#/demand/shop",
            "demand of a category": f"#/demand/{quote('category:', safe='')}{need}",
            "restock": "#/restock?service_level=0.98",
            "launch": "#/launch",
            "value": "#/value",
            "value, may leave": "#/value?quadrant=valuable_fading&sort=at_risk",
            "patterns": "#/patterns?all=true",
            "patterns, relations": "#/patterns?view=relations&all=true",
            "patterns, sequences": "#/patterns?view=sequences&all=true",
            "patterns, bundles": "#/patterns?view=bundles&items=coffee-1%1Ftea-1&margin=0.3",
            "patterns, orders": "#/patterns?view=orders&level=category&ids=COFFEE%1FTEA",
            "launch plan": "#/launch?title=Cold%20brew%20coffee&category=COFFEE&price=6",
            "churn": "#/churn",
            "churn of a customer": f"#/churn/{customer}",
            "recommend": f"#/recommend?customer={customer}",
            "recommend, item page": f"#/recommend?context=item&item={item}",
            "rules": f"#/recommend/rules?text={draft}",
            "compare": f"#/recommend/compare?customer={customer}",
            "decision": f"#/decisions/{decision}",
            "data": "#/data",
            "import": "#/data/import",
            "dead letters": "#/data/dead-letters",
            "models": "#/models",
            "not found": "#/nowhere",
        }


def settle(page):
    """Waits until the page has drawn what it asked for."""
    page.wait_for_selector("main h1", state="attached")
    until(
        page, "document.querySelector('main[aria-busy=true], main [aria-busy=true], main .skeleton') === null"
    )


def until(page, expression, seconds=30):
    """Waits for an expression to hold; the content policy forbids Playwright's own way, which uses eval."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        check(
            time.monotonic() < deadline, f"after {seconds} s this does not hold: {expression} at {page.url}"
        )
        page.wait_for_timeout(25)


def messages(language):
    """The messages of a language: those of every page, and those that parts of the dashboard load late."""
    found = {}
    for file in sorted((WEB / "messages").rglob(f"{language}.json")):
        part = json.loads(file.read_text(encoding="utf-8"))
        check(not found.keys() & part.keys(), f"{file} repeats {sorted(found.keys() & part.keys())}")
        found |= part
    return found


def check(condition, what):
    """Fails the case with a sentence unless the condition holds."""
    if not condition:
        raise AssertionError(what)


def answer(page, pattern, body, status=200):
    """Makes requests that match a pattern get this answer instead of the server's."""
    kind = "application/json" if status < 400 else "application/problem+json"
    page.route(pattern, lambda route: route.fulfill(status=status, content_type=kind, body=json.dumps(body)))


def run(server, words):
    """Runs the cases and returns the exit code; the last line counts them."""
    chosen = [
        (name, function) for name, function in CASES if not words or any(word in name for word in words)
    ]
    passed = failed = 0
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("LODE_CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, function in chosen:
            site = Site(browser, server)
            try:
                function(site)
                check(not site.problems, "; ".join(dict.fromkeys(site.problems)))
                passed += 1
                print(f"ok      {name}", flush=True)
            except Exception as error:  # A case that fails in any way must not stop the others.
                failed += 1
                print(f"FAILED  {name}: {str(error).strip()}", flush=True)
                if not isinstance(error, AssertionError):
                    traceback.print_exc(file=sys.stderr)
        browser.close()
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1
