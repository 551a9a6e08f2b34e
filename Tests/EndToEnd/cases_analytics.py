"""Analytics: each question opens with its answer, a figure with its customers; cohorts, boards, links, hostile names."""

import json
from urllib.parse import quote

from cases_accessibility import inspect
from harness import PHONE, check, case, expect, messages, settle, until

WORDS = messages("en")
ANALYSES = [
    "trends",
    "retention",
    "funnel",
    "intervals",
    "rfm",
    "value_curves",
    "products",
    "paths",
    "distribution",
    "sessions",
    "live",
]
HOSTILE = '<script>window.__hit = 1</script><img src=x onerror="window.__hit = 1">'


def ask(site, definition):
    """The answer as the server gives it."""
    return site.server.send("POST", "/v1/analytics/query", definition)


def rows(answer, name):
    """The rows of one of an answer's tables."""
    return next(table["rows"] for table in answer["tables"] if table["name"] == name)


def address(definition):
    return f"#/analytics/{definition['analysis']}?q={quote(json.dumps(definition), safe='')}"


def remove_all(site):
    """Leaves no cohort, board or saved analysis behind for the next case."""
    for path in ("/v1/cohorts", "/v1/analytics/boards", "/v1/analytics/definitions"):
        for entry in site.server.get(path)["items"]:
            site.server.send("DELETE", f"{path}/{entry['id']}", None)


@case("each analysis opens with an answer from the shop's data, in both languages")
def each_answers(site):
    for analysis in ANALYSES:
        for language in ("en", "zh"):
            with site.page(f"#/analytics/{analysis}", language) as page:
                lead = page.locator(".answer .lead")
                expect(lead).to_be_visible()
                check(lead.inner_text().strip(), f"{analysis} in {language} has no answer")
                expect(page.locator(".answer [data-base]")).to_be_visible()
                check(page.locator("main .state.error").count() == 0, f"{analysis} in {language} failed")


@case("the gallery answers what the data allow and says what they lack")
def gallery(site):
    with site.page("#/analytics") as page:
        cards = page.locator(".analysis-card")
        check(cards.count() == len(ANALYSES) + 1, f"{cards.count()} cards")
        for index in range(cards.count()):
            cards.nth(index).scroll_into_view_if_needed()
            page.wait_for_timeout(100)
        expect(page.locator(".analysis-card .finding")).to_have_count(len(ANALYSES), timeout=60_000)
        lacking = page.locator("[data-analysis=attribution] .state.waiting")
        expect(lacking).to_contain_text(WORDS["analytics.lacks.touches"])
        page.locator("[data-analysis=funnel] h2 a").click()
        settle(page)
        expect(page.locator("main h1")).to_have_text(WORDS["analytics.question.funnel"])


@case("a figure opens the customers behind it; the link reproduces them; they are saved and asked about")
def point_to_cohort(site):
    definition = {"analysis": "rfm"}
    segments = [row for row in rows(ask(site, definition), "segments") if row["customers"] > 0]
    wanted = segments[0]
    with site.page("#/analytics/rfm") as page:
        line = page.locator("main table.data tbody tr").first
        line.locator("button.figure-link").click()
        dialog = page.locator("#people-dialog")
        expect(dialog.locator(".lead")).to_contain_text(f"{wanted['customers']:,}")
        inspect(page, "the customers behind a point")
        shared = page.url[page.url.index("#") :]
        dialog.locator("summary[data-action=cohort]").click()
        dialog.locator("#cohort-title").fill(f"Best {HOSTILE}"[:120])
        dialog.locator("[data-action=save-cohort]").click()
        expect(dialog.get_by_role("link", name=WORDS["analytics.cohort.open"])).to_be_visible()
        dialog.get_by_role("link", name=WORDS["analytics.cohort.open"]).click()
        settle(page)
        expect(page.locator("main .lead")).to_contain_text(f"{wanted['customers']:,}")
        check(page.evaluate("window.__hit === undefined"), "a name was interpreted as markup")
        page.get_by_role("link", name=WORDS["analytics.question.trends"]).click()
        settle(page)
        expect(page.locator("[data-base]")).to_contain_text(f"of {wanted['customers']:,} customers")
    with site.page(shared, "zh") as again:
        expect(again.locator("#people-dialog .lead")).to_contain_text(f"{wanted['customers']:,}")
        first = again.locator("#people-dialog tbody a").first
        name = first.inner_text()
        first.click()
        settle(again)
        expect(again.locator("main h1")).to_contain_text(name)
        check(again.locator("#people-dialog").count() == 0, "the panel stays over the customer")
    remove_all(site)


@case("a cohort narrows a question in the builder, and the address holds it")
def cohort_as_filter(site):
    some = [row["customer_id"] for row in site.server.get("/v1/customers?limit=12")["items"]]
    made = site.server.send("POST", "/v1/cohorts", {"title": "Twelve", "customers": some})
    with site.page("#/analytics/trends") as page:
        page.locator("[data-action=add-condition]").click()
        page.locator(".builder fieldset [data-field=condition-property]").select_option("cohort")
        until(page, "location.hash.includes('cohort')")
        settle(page)
        expect(page.locator("[data-base]")).to_contain_text("of 12 customers")
        link = page.url[page.url.index("#") :]
        check(made["id"] in link, "the address does not name the cohort")
    with site.page(link) as again:
        expect(again.locator("[data-base]")).to_contain_text("of 12 customers")
    remove_all(site)


@case("a board takes pinned analyses, survives a reload, and can be arranged")
def boards(site):
    with site.page("#/analytics/funnel") as page:
        page.locator("[data-action=pin]").click()
        page.locator("#pin-name").fill("Monday")
        page.locator("[data-action=pin-ok]").click()
        expect(page.locator(".notice")).to_contain_text("Monday")
    with site.page("#/analytics/retention") as page:
        page.locator("[data-action=pin]").click()
        expect(page.locator("#pin-board option").first).to_have_text("Monday")
        page.locator("[data-action=pin-ok]").click()
        expect(page.locator(".notice")).to_contain_text("Monday")
    board = site.server.get("/v1/analytics/boards")["items"][0]
    with site.page(f"#/analytics/boards/{board['id']}") as page:
        expect(page.locator("main h1")).to_have_text("Monday")
        page.locator(".analysis-card").nth(1).scroll_into_view_if_needed()
        expect(page.locator(".analysis-card .finding")).to_have_count(2)
        page.locator(".analysis-card").nth(1).get_by_role("button", name=WORDS["analytics.board.earlier"]).click()
        expect(page.locator(".analysis-card").first).to_have_attribute("data-analysis", "retention")
        page.reload()
        settle(page)
        expect(page.locator(".analysis-card").first).to_have_attribute("data-analysis", "retention")
        page.locator("[data-action=remove-board]").click()
        page.locator("#confirm-dialog button[value=yes]").click()
        until(page, "location.hash.endsWith('/boards')")
        expect(page.locator(".state.empty")).to_contain_text(WORDS["analytics.board.none"])
    remove_all(site)


@case("a saved analysis stands in the gallery and opens as it was asked")
def saved(site):
    definition = {"analysis": "funnel", "funnel": {"steps": ["purchase", "purchase"], "window_days": 30}}
    count = rows(ask(site, definition), "steps")[1]["customers"]
    with site.page(address(definition)) as page:
        page.locator("[data-action=save-analysis]").click()
        page.locator("#name-input").fill("Twice in a month")
        page.locator("[data-action=name-ok]").click()
        expect(page.locator(".notice")).to_contain_text("Twice in a month")
    with site.page("#/analytics") as page:
        page.get_by_role("link", name="Twice in a month").click()
        settle(page)
        expect(page.locator("main h1")).to_have_text("Twice in a month")
        expect(page.locator(".funnel li").nth(1).locator("button").first).to_have_text(f"{count:,}")
    remove_all(site)


@case("steps are added and taken away, and a question at fault says where")
def builder(site):
    with site.page("#/analytics/funnel") as page:
        steps = page.locator(".own-part .parts > li")
        before = steps.count()
        page.locator("[data-action=add-step]").click()
        expect(steps).to_have_count(before + 1)
        settle(page)
        expect(page.locator(".answer .funnel li")).to_have_count(before + 1)
        steps.first.get_by_role("button", name=WORDS["analytics.takeAway"].replace("{place}", "1")).click()
        expect(page.locator(".answer .funnel li")).to_have_count(before)
    wrong = {"analysis": "funnel", "funnel": {"steps": ["purchase", "nothing"]}}
    with site.page(address(wrong), failing=True) as page:
        expect(page.locator(".state.error")).to_contain_text("funnel.steps[1]")


@case("answers and the customers behind a point are saved as CSV")
def exports(site):
    with site.page("#/analytics/rfm") as page:
        with page.expect_download() as saved_file:
            page.locator("[data-action=export]").click()
        lines = saved_file.value.path().read_text(encoding="utf-8").strip().splitlines()
        check(len(lines) == 26, f"{len(lines)} lines for 25 cells")
        page.locator("main table.data button.figure-link").first.click()
        with page.expect_download() as people:
            page.locator("[data-action=export-people]").click()
        check(people.value.path().read_text(encoding="utf-8").startswith("customer_id,"), "no header")


@case("on a phone the answer comes first and nothing is cut off")
def phone(site):
    for place in ("", *(f"/{analysis}" for analysis in ANALYSES), "/boards", "/cohorts"):
        with site.page(f"#/analytics{place}", "zh", size=PHONE) as page:
            width = page.evaluate("document.documentElement.scrollWidth")
            check(width <= PHONE["width"], f"{place or 'the gallery'} is {width} px wide")
    with site.page("#/analytics/rfm", size=PHONE) as page:
        check(page.locator("details.builder").get_attribute("open") is None, "the builder is unfolded")
        page.locator("main table.data button.figure-link").first.click()
        expect(page.locator("#people-dialog tbody tr").first).to_be_visible()
        width = page.evaluate("document.documentElement.scrollWidth")
        check(width <= PHONE["width"], f"the panel makes the page {width} px wide")
