"""Demand, launches and trends: the lists, one forecast, what stands there when nothing is known, and hostile names."""

import json
from urllib.parse import quote

from cases_accessibility import inspect
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")
NOT_FORECAST = {
    "type": "not_trained",
    "title": "Not trained yet",
    "status": 404,
    "detail": "Nothing was forecast yet.",
}
HOSTILE = '<script>window.__hit = 1</script><img src=x onerror="window.__hit = 1">'


def forecasts(site, query="level=category&sort=units&limit=50"):
    """The rows of the list as the server gives them."""
    return site.server.get(f"/v1/demand?{query}")["items"]


def a_subject(site, level="category"):
    """A subject with a forecast: the one that sells most."""
    rows = forecasts(site, f"level={level}&sort=units&limit=50")
    row = next((row for row in rows if row["units_next_4"] is not None), None)
    check(row is not None, f"no {level} has a forecast")
    return row["subject"]


def address(subject):
    return f"#/demand/{quote(subject, safe='')}"


def download(page, selector="[data-action=export]"):
    """Presses an export and returns the file's name and lines."""
    with page.expect_download() as saved:
        page.locator(selector).click()
    text = saved.value.path().read_text(encoding="utf-8")
    return saved.value.suggested_filename, text.strip().splitlines()


def unharmed(page):
    check(
        page.evaluate("window.__hit === undefined && !document.querySelector('main img, main script')"),
        "a name was interpreted as markup",
    )


@case("the list of forecasts is the server's; level, class, order and words are in the address")
def demand_list(site):
    expected = forecasts(site)
    with site.page("#/demand") as page:
        rows = page.locator("main table.data").first.locator("tbody tr")
        check(rows.count() == len(expected), f"{rows.count()} rows for {len(expected)} categories")
        expect(rows.first.locator("th a").first).to_have_text(expected[0]["label"])
        page.locator("button[data-sort=label]").click()
        until(page, "location.hash.includes('sort=label')")
        settle(page)
        page.locator("[data-filter]").fill("coff")
        until(page, "location.hash.includes('query=coff')")
        settle(page)
        shown = page.locator("main table.data").first.locator("tbody th > a").all_inner_texts()
        found = [row["label"] for row in forecasts(site, "level=category&sort=label&query=coff&limit=50")]
        check(shown == found and found, f"shown are {shown}, not {found}")
        address_of_list = page.url[page.url.index("#") :]
    with site.page(address_of_list, "zh") as again:
        shown = again.locator("main table.data").first.locator("tbody th > a").all_inner_texts()
        check(shown == found, "the link shows another list")
    with site.page("#/demand") as page:
        page.locator("[data-filter-name=level] button[data-value=item]").click()
        until(page, "location.hash.includes('level=item')")
        settle(page)
        items = forecasts(site, "level=item&sort=units&limit=50")
        first = page.locator("main table.data").first.locator("tbody tr").first
        expect(first.locator("th a").first).to_have_text(items[0]["label"])
        first.locator("th a").first.click()
        settle(page)
        expect(page.locator("main h1")).to_have_text(items[0]["label"])
    with site.page("#/demand?query=nothing-is-called-this") as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["demand.noMatch"])
        page.get_by_role("link", name=WORDS["action.clearFilters"]).click()
        expect(page.locator("main table.data tbody tr").first).to_be_visible()


@case("the first forecast is started from the page, which shows its progress and then the list")
def first_forecast(site):
    posted = []

    def prepare(page):
        def handle(route):
            if posted:
                return route.continue_()
            return route.fulfill(
                status=404, content_type="application/problem+json", body=json.dumps(NOT_FORECAST)
            )

        page.route("**/v1/demand?*", handle)
        page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)

    with site.page("#/demand", failing=True, prepare=prepare) as page:
        expect(page.locator(".state.waiting")).to_contain_text(WORDS["demand.run.never"])
        inspect(page, "before the first forecast")
        page.locator("[data-action=forecast]").click()
        expect(page.locator("job-card")).to_contain_text(WORDS["jobs.kind.demand"])
        expect(page.locator("main table.data tbody tr").first).to_be_visible(timeout=120_000)
        check([url.rsplit("/v1/", 1)[1] for url in posted] == ["demand/forecasting"], f"sent were {posted}")


@case("pages that rest on forecasts lead to the first one, and who may only read is told so")
def never_forecast(site):
    for place, pattern in (("demand/shop", "**/v1/demand/**"), ("restock", "**/v1/restock?*")):
        for language in ("en", "zh"):
            with site.page(
                f"#/{place}",
                language,
                failing=True,
                prepare=lambda page: answer(page, pattern, NOT_FORECAST, 404),
            ) as page:
                expect(page.locator(".state.waiting")).to_contain_text(
                    messages(language)["demand.run.never"]
                )
                expect(page.locator("[data-action=forecast]")).to_be_visible()

    def reader(page):
        answer(page, "**/v1/demand?*", NOT_FORECAST, 404)

        def shop(route):
            body = route.fetch().json()
            body["roles"] = ["read"]
            route.fulfill(json=body)

        page.route("**/v1/shop", shop)

    with site.page("#/demand", failing=True, prepare=reader) as page:
        expect(page.locator("main")).to_contain_text(WORDS["demand.run.notAllowed"])
        expect(page.locator("[data-action=forecast]")).to_have_count(0)


@case("one forecast: the fan with its table, the weeks ahead, the errors before, and all of it as CSV")
def one_forecast(site):
    subject = a_subject(site)
    data = site.server.get(f"/v1/demand/subjects/{quote(subject, safe='')}")
    for language in ("en", "zh"):
        words = messages(language)
        with site.page(address(subject), language) as page:
            expect(page.locator("main h1")).to_have_text(data["label"])
            fan = page.locator("chart-figure").first
            expect(fan.locator("canvas")).to_be_visible()
            fan.locator("figcaption button").click()
            rows = fan.locator("tbody tr")
            weeks = min(80, len(data["history"])) + len(data["forecast"])
            check(rows.count() == weeks, f"{rows.count()} rows of the fan, not {weeks}")
            ahead = page.get_by_role("region", name=words["demand.weeks"])
            check(
                ahead.locator("tbody tr").count() == len(data["forecast"]),
                "the table of the weeks ahead is not the forecast",
            )
            expect(page.locator("main")).to_contain_text(words["demand.folds.title"])
            expect(page.locator("main")).to_contain_text(words["demand.ahead.title"])
            tried = page.get_by_role("region", name=words["demand.methods"])
            check(
                tried.locator("tbody tr").count() == len(data["backtest"]["models"]),
                "other methods are listed than were tried",
            )
            inspect(page, f"a forecast with its table ({language})")
    with site.page(address(subject)) as page:
        name, lines = download(page)
        check(name.startswith("demand-") and name.endswith(".csv"), name)
        check(
            len(lines) == 1 + len(data["history"]) + len(data["forecast"]) and lines[0].startswith('"week"'),
            f"{len(lines)} lines, beginning {lines[:1]}",
        )
        link = page.locator("main p.marks a[href^='#/restock']")
        link.click()
        settle(page)
        expect(page.locator("main h1")).to_have_text(WORDS["nav.restock"])
    with site.page(address("category:nobody-sells-this"), failing=True) as page:
        expect(page.locator("main .state")).to_contain_text(WORDS["state.notFound"])


@case("what cannot be forecast is refused politely: what is missing, and where to go instead")
def refused(site):
    subject = a_subject(site, "item")
    problem = {"en": "Only 5 of 40 weeks have sales.", "zh": "40 周中只有 5 周有销量。"}

    def prepare(page):
        def handle(route):
            body = route.fetch().json()
            for name in ("units_next_4", "range_next_4", "change", "model", "mase", "backtest", "decomposition"):
                body[name] = None
            body |= {"forecast": [], "drivers": [], "sufficiency": "insufficient", "problem": problem}
            body["sufficiency_detail"] = {"weeks": 40, "weeks_with_sales": 5, "missing": [{"en": HOSTILE, "zh": "缺"}]}
            route.fulfill(json=body)

        page.route("**/v1/demand/subjects/*", handle)

    for size in (None, PHONE):
        with site.page(address(subject), prepare=prepare, **({"size": size} if size else {})) as page:
            panel = page.locator(".state.waiting").first
            expect(panel).to_contain_text(problem["en"])
            expect(panel).to_contain_text(HOSTILE)
            unharmed(page)
            expect(page.locator("main")).not_to_contain_text(WORDS["demand.weeks"])
            expect(page.locator("chart-figure canvas")).to_be_visible()
            check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is too wide")
            panel.locator("a[href^='#/demand/category']").click()
            settle(page)
            check("/demand/category" in page.url, page.url)


@case("odd weeks and needs that disagree are listed, each with the way on")
def odd_and_different(site):
    odd = {
        "subject": "category:COFFEE",
        "label": HOSTILE,
        "week": "2025-06-16",
        "units": 90,
        "expected": 40,
        "kind": "outlier",
        "direction": "up",
    }
    listed = {"items": [odd, {**odd, "kind": "level_shift", "direction": "down", "units": 10}], "next_cursor": None}
    with site.page(
        "#/demand?view=anomalies", prepare=lambda page: answer(page, "**/v1/demand/anomalies?*", listed)
    ) as page:
        expect(page.locator("main .lead")).to_contain_text("90")
        expect(page.locator("main tbody tr").first).to_contain_text("+50")
        unharmed(page)
        inspect(page, "odd weeks")
        page.locator("main tbody a").first.click()
        settle(page)
        expect(page.locator("main h1")).to_have_text("COFFEE")

    def prepare(page):
        def handle(route):
            body = route.fetch().json()
            needs = {"by_needs": 60, "by_series": 40, "combined": 50, "differs": True}
            body["items"] = [{**row, "needs": needs} for row in body["items"][:2]]
            route.fulfill(json=body)

        page.route("**/v1/demand?*", handle)

    for language in ("en", "zh"):
        with site.page("#/demand?view=needs", language, prepare=prepare) as page:
            expect(page.locator("main .lead")).to_contain_text("60")
            differing = page.get_by_role("region", name=messages(language)["demand.needs.differing"])
            check(differing.locator("tbody tr").count() == 2, "not all that differ are listed")
            row = differing.locator("tbody tr").first
            expect(row).to_contain_text("+20")
            row.locator("a[href^='#/needs/']").click()
            settle(page)
            check("#/needs/" in page.url, page.url)


@case("needs and items lead to their demand")
def links_to_demand(site):
    need = site.a_need()
    with site.page(f"#/needs/{quote(need, safe='')}") as page:
        page.get_by_role("link", name=WORDS["need.toDemand"]).click()
        settle(page)
        expect(page.locator("main h1")).to_have_text(need)
    with site.page(f"#/items/{quote(site.an_item(), safe='')}") as page:
        page.get_by_role("link", name=WORDS["item.toRestock"]).click()
        settle(page)
        expect(page.locator("#restock-query")).to_have_value(site.an_item())


@case("a launch is planned: the form says what it lacks, then the curve, the products like it, whom to tell")
def launch(site):
    with site.page("#/launch") as page:
        page.locator("[data-action=plan-launch]").click()
        expect(page.locator(".launch-form [role=alert]")).to_have_text(WORDS["launch.wrong.title"])
        check(page.evaluate("document.activeElement.id") == "launch-title", "the wrong field has the focus")
        page.keyboard.type("Cold brew <b>coffee</b>")
        page.keyboard.press("Enter")
        expect(page.locator(".launch-form [role=alert]")).to_have_text(WORDS["launch.wrong.category"])
        page.keyboard.type("COFF")
        page.locator(".pick-options [data-value=COFFEE]").click()
        page.locator("#launch-price").fill("6.5")
        page.locator("#launch-weeks").fill("3")
        page.keyboard.press("Enter")
        expect(page.locator(".launch-form [role=alert]")).to_have_text(WORDS["launch.wrong.weeks"])
        page.locator("#launch-weeks").fill("8")
        page.locator("[data-action=plan-launch]").click()
        until(page, "location.hash.includes('title=')")
        settle(page)
        expect(page.locator("#launch-plan h2").first).to_contain_text("Cold brew <b>coffee</b>")
        chart = page.locator("#launch-plan chart-figure")
        expect(chart.locator("canvas")).to_be_visible()
        chart.locator("figcaption button").click()
        check(chart.locator("tbody tr").count() == 8, "the table is not of 8 weeks")
        inspect(page, "a launch plan")
        plan = page.url[page.url.index("#") :]
    with site.page(plan, "zh", size=PHONE) as page:
        expect(page.locator("#launch-plan chart-figure canvas")).to_be_visible()
        check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is too wide")
        if page.locator("[data-action=export-audience]").count():
            name, lines = download(page, "[data-action=export-audience]")
            check(name == "launch-audience.csv" and len(lines) > 1, f"{name} has {len(lines)} lines")


@case("lately launched items are listed with their verdicts, and names stay text")
def launches(site):
    def row(verdict, units):
        return {
            "item_id": "coffee-1",
            "title": HOSTILE,
            "category": "COFFEE",
            "first_week": "2025-05-05",
            "weeks": 8,
            "units": units,
            "expected": 40.25,
            "range": {"lower": 30, "upper": 52},
            "verdict": verdict,
        }

    listed = {"items": [row("above", 70), row("as_expected", 41), row("below", 9)], "next_cursor": None}
    for language in ("en", "zh"):
        words = messages(language)
        with site.page(
            "#/launch", language, prepare=lambda page: answer(page, "**/v1/launches?*", listed)
        ) as page:
            rows = page.get_by_role("region", name=words["launch.recent"]).locator("tbody tr")
            for index, verdict in enumerate(("above", "as_expected", "below")):
                expect(rows.nth(index)).to_contain_text(words[f"launch.verdict.{verdict}"])
            unharmed(page)
            inspect(page, f"lately launched ({language})")


@case("trends: levels and directions are in the address; factors come with their warnings")
def trends(site):
    with site.page("#/trends") as page:
        expected = site.server.get("/v1/trends?level=category&sort=change&limit=50")["items"]
        rows = page.locator("main table.data tbody tr")
        check(rows.count() == len(expected), f"{rows.count()} rows for {len(expected)} categories")
        page.locator("[data-filter-name=level] button[data-value=brand]").click()
        until(page, "location.hash.includes('level=brand')")
        settle(page)
        brands = site.server.get("/v1/trends?level=brand&sort=change&limit=50")["items"]
        shown = page.locator("main table.data tbody th").all_inner_texts()
        check(shown == [row["label"] for row in brands], f"shown are {shown}")
        page.locator("[data-filter-name=direction] button[data-value=rising]").click()
        until(page, "location.hash.includes('direction=rising')")
        settle(page)
        rising = [row for row in brands if row["direction"] == "rising"]
        check(page.locator("main table.data tbody tr").count() == len(rising), "others than the rising are shown")
    factor = {
        "factor": "price",
        "label": {"en": HOSTILE, "zh": HOSTILE},
        "estimate": -1.8,
        "interval": {"lower": -2.1, "upper": -1.5},
        "p_value": 0.001,
        "q_value": 0.002,
        "pairs": 5200,
        "naive_estimate": -2.9,
        "warning": {"en": "Promotions fall in good weeks.", "zh": "促销多在旺周。"},
    }
    for language in ("en", "zh"):
        with site.page(
            "#/trends?view=factors",
            language,
            prepare=lambda page: answer(page, "**/v1/trends/correlations*", {"items": [factor]}),
        ) as page:
            expect(page.locator("main tbody tr")).to_contain_text(factor["warning"][language])
            expect(page.locator("main tbody tr")).to_contain_text(messages(language)["demand.sure.very"])
            unharmed(page)
            _, lines = download(page)
            check(len(lines) == 2 and "5200" in lines[1], f"the file says {lines}")
