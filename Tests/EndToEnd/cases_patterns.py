"""Patterns: rules and their graph, relations, what comes next, bundles, and the orders behind every figure."""

from cases_accessibility import inspect
from cases_demand import download, unharmed, HOSTILE
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")
NOT_MINED = {
    "type": "about:blank",
    "title": "Not trained yet",
    "status": 409,
    "detail": "There is no pattern search yet.",
}
FACTS = {
    "found_in": {"from": "2025-01-01", "to": "2025-04-30", "orders": 9000},
    "tried_on": {"from": "2025-05-01", "to": "2025-06-30", "orders": 3000},
    "mined_at": "2025-07-01T08:00:00Z",
    "currency": "USD",
    "window_days": 28,
}


def thing(name, label=None):
    return {"id": name, "label": label or name, "category": name}


def rule(first, then, **more):
    later = {"orders": 80, "antecedent_orders": 160, "confidence": 0.5, "lift": 2.4, "q_value": 0.001}
    return {
        "level": "category",
        "if": [thing(*first)],
        "then": [thing(*then)],
        "orders": 240,
        "antecedent_orders": 480,
        "support": 0.027,
        "confidence": 0.51,
        "lift": 2.5,
        "leverage": 0.016,
        "conviction": 1.6,
        "q_value": 0.0001,
        "later": {**later, "confidence_range": {"lower": 0.42, "upper": 0.58}},
        "validated": True,
        "words": {"en": "Half.", "zh": "一半。"},
        **more,
    }


def page_of(rows):
    return {**FACTS, "items": rows, "next_cursor": None, "total": len(rows)}


@case("patterns: rules as a list and as a graph; names stay text, on a phone too")
def rules(site):
    rows = [
        rule(("COFFEE", HOSTILE), ("MILK",)),
        rule(("TEA",), ("MILK",)),
        rule(("BREAD",), ("CHEESE",), validated=False),
    ]

    def prepare(page):
        answer(page, "**/v1/patterns/rules?*", page_of(rows))

    for language, size in (("en", None), ("zh", PHONE)):
        words = messages(language)
        with site.page("#/patterns", language, prepare=prepare, **({"size": size} if size else {})) as page:
            listed = page.get_by_role("region", name=words["patterns.title.rules"]).locator("tbody tr")
            expect(listed).to_have_count(3)
            expect(listed.first).to_contain_text("51%")
            expect(listed.first.locator("td a")).to_have_text("320")
            expect(page.locator("chart-figure canvas")).to_be_visible()
            unharmed(page)
            check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is too wide")
            inspect(page, f"rules ({language})")


@case("patterns: what was found is the server's; filters are in the address, the file has all of it")
def found_rules(site):
    every = site.server.get("/v1/patterns/rules?level=category&limit=25")
    with site.page("#/patterns?all=true") as page:
        if every["total"] == 0:
            expect(page.locator(".state.empty")).to_contain_text(WORDS["patterns.none.rules"])
        else:
            name, lines = download(page)
            check(name == "pattern-rules.csv" and len(lines) == every["total"] + 1, f"{len(lines)} lines")
        page.locator("[data-filter]").fill("no such thing")
        until(page, "location.hash.includes('query=no')")
        settle(page)
        expect(page.locator(".state.empty")).to_contain_text(WORDS["patterns.noMatch"])
    with site.page("#/patterns?view=orders&level=category&ids=COFFEE") as page:
        count = site.server.get("/v1/patterns/orders?id=COFFEE&limit=50")
        expect(page.locator("main .lead")).to_contain_text(f"{count['total']:,}")
        check(page.locator("tbody tr").count() == len(count["items"]), "other orders are shown")


@case("patterns: a bundle is put together, priced and kept in the address")
def bundle(site):
    with site.page("#/patterns?view=bundles&items=coffee-1%1Ftea-1&margin=0.4") as page:
        found = site.server.send(
            "POST", "/v1/patterns/bundles/price", {"items": ["coffee-1", "tea-1"], "margin": 0.4}
        )
        region = page.locator(".bundle-answer")
        expect(region).to_contain_text(found["words"]["en"])
        expect(region).to_contain_text(WORDS["patterns.margin.isAssumed"])
        page.get_by_label(WORDS["patterns.builder.price"]).fill("1")
        until(page, "location.hash.includes('price=1')")
        settle(page)
        page.locator(".bundle-items button").first.click()
        expect(region).to_contain_text(WORDS["patterns.builder.one"])
        inspect(page, "a bundle")


@case("patterns: each view says when nothing was looked for yet and starts the search")
def never(site):
    for view in ("rules", "relations", "sequences", "bundles"):
        for language in ("en", "zh"):
            with site.page(
                f"#/patterns?view={view}",
                language,
                failing=True,
                prepare=lambda page: answer(page, "**/v1/patterns**", NOT_MINED, 409),
            ) as page:
                expect(page.locator(".state.waiting").first).to_contain_text(
                    messages(language)["patterns.run.never"]
                )
                expect(page.locator("[data-action=run-patterns]")).to_be_visible()
