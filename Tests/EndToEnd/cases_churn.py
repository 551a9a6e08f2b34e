"""Who may stop buying: the alerts, the reasons that add up, how far to trust them, and the first run."""

import math
import re
from urllib.parse import quote

from cases_accessibility import inspect
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")
NOT_RECKONED = {"type": "not_trained", "title": "Not trained yet", "status": 409, "detail": "Nothing yet."}
NOT_ACTIVE = {"type": "about:blank", "title": "Conflict", "status": 409, "detail": "Bought nothing lately."}


def alerts(site, query="sort=value_at_stake&limit=25"):
    """The rows of the list as the server gives them."""
    return site.server.get(f"/v1/churn/customers?{query}")["items"]


def shown_customers(page):
    return page.locator("main table.data").first.locator("tbody th > a").all_inner_texts()


@case("churn: alerts are the server's in both languages; risk, order and words are in the address")
def churn_alerts(site):
    rows = alerts(site)
    check(rows, "nobody is watched")
    expected = [row["customer_id"] for row in rows]
    for language in ("en", "zh"):
        summary = site.server.get("/v1/churn")["summary"][language]
        with site.page("#/churn", language) as page:
            expect(page.locator("main h1")).to_have_text(messages(language)["churn.title"])
            expect(page.locator("main .lead").first).to_contain_text(summary[:12])
            check(shown_customers(page) == expected, f"others than {expected[:5]}… are shown")
            reason = rows[0]["reasons"][0]["text"][language]
            expect(page.locator("main table.data").first.locator("tbody tr").first).to_contain_text(reason)
            inspect(page, f"churn in {language}")
    with site.page("#/churn") as page:
        page.locator("[data-filter-name=risk_from] button[data-value='0.1']").click()
        until(page, "location.hash.includes('risk_from=0.1')")
        page.locator("button[data-sort=risk]").click()
        until(page, "location.hash.includes('sort=risk')")
        settle(page)
        risky = [row["customer_id"] for row in alerts(site, "sort=risk&risk_from=0.1&limit=25")]
        check(shown_customers(page) == risky, f"not those at a risk of 10 % or more: {risky[:5]}…")
    with site.page("#/churn?query=nobody-is-called-this") as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["churn.noMatch"])


@case("churn: a row opens its reasons, which add up to the risk, and leads to the customer")
def churn_reasons(site):
    first = alerts(site)[0]["customer_id"]
    known = site.server.get(f"/v1/churn/customers/{quote(first, safe='')}")
    with site.page("#/churn") as page:
        page.locator("main table.data tbody tr").first.locator("td").first.click()
        until(page, f"location.hash === '#/churn/{quote(first, safe='')}'")
        settle(page)
        more = page.locator("[data-action=all-drivers]")
        short = log_odds(page)
        check(math.isclose(sum(short[:-1]), short[-1], abs_tol=1e-6), f"{short} do not add up")
        if more.count():
            more.click()
        values = log_odds(page)
        drivers = [one for one in known["explanation"]["drivers"] if one["log_odds"] != 0]
        check(len(values) == len(drivers) + 2, f"{len(values)} lines for {len(drivers)} reasons")
        check(math.isclose(sum(values[:-1]), values[-1], abs_tol=1e-6), "the reasons do not add up")
        check(
            math.isclose(1 / (1 + math.exp(-values[-1])), known["risk"], abs_tol=1e-3),
            f"they add up to {values[-1]}, the risk is {known['risk']}",
        )
        shown = page.locator(".waterfall .sum td.number").first.inner_text()
        check(abs(float(re.sub(r"[^\d.]", "", shown)) / 100 - known["risk"]) < 0.0006, f"shown is {shown}")
        if known["counterfactual"]:
            expect(page.locator("main")).to_contain_text(known["counterfactual"]["text"]["en"])
        inspect(page, "reasons")
        to_customer = page.get_by_role("link", name=WORDS["churn.toCustomer"])
        expect(to_customer).to_have_attribute("href", f"#/customers/{quote(first, safe='')}")
    # Other parts of a customer's page rest on jobs that may never have run.
    with site.page(f"#/customers/{quote(first, safe='')}", failing=True) as page:
        expect(page.locator(".customer-churn a")).to_have_attribute(
            "href", f"#/churn/{quote(first, safe='')}"
        )


def log_odds(page):
    return page.locator(".churn-drivers tr[data-log-odds]").evaluate_all(
        "rows => rows.map((row) => Number(row.dataset.logOdds))"
    )


@case("churn: costs typed in change what contacting is worth, and stay in the address")
def churn_costs(site):
    test = site.server.get("/v1/churn")["card"]["test"]
    with site.page("#/churn") as page:
        if test is None:
            expect(page.locator("main")).to_contain_text(WORDS["churn.trust.none"])
            return
        rows = page.locator("main table.data", has_text="AUC").locator("tbody tr")
        check(rows.count() == len(test["methods"]), f"{rows.count()} rows for {len(test['methods'])} methods")
        field = page.get_by_label(WORDS["churn.costs.contact"])
        field.fill("1000000")
        until(page, "location.hash.includes('contact=1000000')")
        expect(page.locator(".churn-costs h3")).to_have_text(WORDS["churn.costs.never"])
        check(field.evaluate("(node) => node.isConnected"), "the field was drawn anew while it was typed in")
        address = page.url[page.url.index("#") :]
    with site.page(address, "zh") as page:
        expect(page.locator(".churn-costs h3")).to_have_text(messages("zh")["churn.costs.never"])


@case("churn: on a phone neither page scrolls sideways")
def churn_phone(site):
    first = quote(alerts(site)[0]["customer_id"], safe="")
    for language in ("en", "zh"):
        for address in ("#/churn", f"#/churn/{first}"):
            with site.page(address, language, size=PHONE) as page:
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                check(over <= 0, f"{address} in {language} is {over} px too wide")
                inspect(page, f"{address} on a phone")


@case("churn: before the first run, for who is not active, and for nobody, the page says what to do")
def churn_states(site):
    first = alerts(site)[0]["customer_id"]
    for language in ("en", "zh"):
        words = messages(language)
        for address in ("#/churn", f"#/churn/{quote(first, safe='')}"):
            with site.page(
                address,
                language,
                failing=True,
                prepare=lambda page: answer(page, "**/v1/churn**", NOT_RECKONED, 409),
            ) as page:
                expect(page.locator(".state.waiting")).to_contain_text(words["churn.run.never"])
                expect(page.locator("[data-action=run-churn]")).to_have_text(words["churn.run.start"])
        with site.page(
            f"#/churn/{quote(first, safe='')}",
            language,
            failing=True,
            prepare=lambda page: answer(page, "**/v1/churn/customers/**", NOT_ACTIVE, 409),
        ) as page:
            expect(page.locator(".state.waiting")).to_contain_text(words["churn.inactive"])
        with site.page(
            f"#/customers/{quote(first, safe='')}",
            language,
            failing=True,
            prepare=lambda page: answer(page, "**/v1/churn/customers/**", NOT_ACTIVE, 409),
        ) as page:
            check(page.locator(".customer-churn").count() == 0, "a customer who is not active has a risk")
    with site.page("#/churn/nobody-is-called-this", failing=True) as page:
        expect(page.locator("main .state")).to_be_visible()
