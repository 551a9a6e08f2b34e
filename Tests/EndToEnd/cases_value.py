"""Customers' value: the figures, the lists behind them, what is missing, and the way to the first valuation."""

from urllib.parse import quote

from cases_accessibility import inspect
from cases_demand import download
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")
NOT_VALUED = {
    "type": "about:blank",
    "title": "Not trained yet",
    "status": 409,
    "detail": "There is no customer valuation yet.",
}


def rows_of(page):
    return page.get_by_role("region", name=WORDS["value.customers"]).locator("tbody tr")


@case("values: the list is the server's, sorted and narrowed by the address, and leads to the customers")
def value_list(site):
    found = site.server.get("/v1/value/customers?sort=at_risk&limit=25")
    with site.page("#/value") as page:
        page.locator("button[data-sort=at_risk]").click()
        until(page, "location.hash.includes('sort=at_risk')")
        settle(page)
        shown = rows_of(page).locator("th a").all_inner_texts()
        check(shown == [row["customer_id"] for row in found["items"]], f"shown are {shown}")
        name, lines = download(page)
        check(name == "customer-values.csv" and len(lines) == found["total"] + 1, f"{name}: {len(lines)}")
        group = page.locator("[data-filter-name=quadrant] button[data-value=small_staying]")
        group.click()
        until(page, "location.hash.includes('quadrant=small_staying')")
        settle(page)
        few = site.server.get("/v1/value/customers?sort=at_risk&quadrant=small_staying&limit=25")
        shown = rows_of(page).locator("th a").all_inner_texts()
        check(shown == [row["customer_id"] for row in few["items"]], f"narrowed are {shown}")
        rows_of(page).locator("th a").first.click()
        settle(page)
        words = site.server.get(f"/v1/value/customers/{quote(shown[0], safe='')}")["words"]["en"]
        expect(page.locator("main")).to_contain_text(words)


@case("values: each figure of the charts leads to as many customers as it says")
def value_figures(site):
    data = site.server.get("/v1/value")
    tenth = data["deciles"][0]
    with site.page("#/value") as page:
        chart = page.locator("chart-figure").nth(1)
        chart.locator("figcaption button").click()
        chart.locator("tbody tr a").first.click()
        until(page, "location.hash.includes('decile=1')")
        settle(page)
        check(rows_of(page).count() == min(25, tenth["customers"]), "the tenth has another size")
        expect(page.locator(".chips")).to_contain_text("1")
        check(page.locator("chart-figure").count() == 4, "not all pictures are there")
        inspect(page, "values")
    with site.page("#/value", "zh", size=PHONE) as page:
        expect(page.locator("main")).to_contain_text(messages("zh")["value.check"])
        check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is too wide")


@case("values: what is missing is said in place of figures, and so is that none were reckoned")
def value_missing(site):
    full = site.server.get("/v1/value")
    nothing = {name: None for name in ("total", "quantiles", "histogram", "deciles", "lorenz", "gini")}
    bare = {**full, **nothing, "check": None, "quadrants": None, "points": None, "alive": None}
    bare["card"] = {**full["card"], "purchases": None}
    bare["sufficiency"] = {"met": False, "gates": full["sufficiency"]["gates"]}

    def few(page):
        answer(page, "**/v1/value", bare)
        answer(page, "**/v1/value/customers?*", {"items": [], "next_cursor": None, "total": 0, "terms": {}})

    with site.page("#/value", prepare=few) as page:
        expect(page.locator(".gates li").first).to_contain_text("500")
        check(page.locator("chart-figure").count() == 0, "figures are shown that cannot be trusted")

    def never(page):
        answer(page, "**/v1/value", NOT_VALUED, 409)
        answer(page, "**/v1/value/customers?*", NOT_VALUED, 409)

    for language in ("en", "zh"):
        with site.page("#/value", language, failing=True, prepare=never) as page:
            expect(page.locator(".state.waiting")).to_contain_text(messages(language)["value.run.never"])
            expect(page.locator("[data-action=run-value]")).to_be_visible()
            inspect(page, f"before the first valuation ({language})")
