"""Segments: the list and a profile, the map, who moved, two side by side, and segments by rule."""

from cases_accessibility import inspect
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")
NOT_SEGMENTED = {
    "type": "about:blank",
    "title": "Not trained yet",
    "status": 409,
    "detail": "Customers were not segmented yet.",
}


def segments(site, kind="cluster"):
    """The segments as the server gives them."""
    return site.server.get(f"/v1/segments?kind={kind}")


@case("segments: each has a name, a size and a share, and leads to its profile and its customers")
def segment_list(site):
    found = segments(site)
    with site.page("#/segments") as page:
        rows = page.locator("main table.data").first.locator("tbody tr")
        check(rows.count() == len(found["items"]), f"{rows.count()} rows for {len(found['items'])} segments")
        first = found["items"][0]
        expect(rows.first.locator("th a")).to_have_text(first["name"]["en"])
        rows.first.locator("td a").first.click()
        settle(page)
        total = site.server.get(f"/v1/segments/{first['id']}/customers?limit=1")["total"]
        check(total == first["size"], f"{total} customers listed of a segment of {first['size']}")
        expect(page.locator(".chips")).to_contain_text(first["name"]["en"])
        inspect(page, "the customers of a segment")


@case("a segment's profile: what sets it apart, what it needs, its customers page by page")
def profile(site):
    one = segments(site)["items"][0]
    detail = site.server.get(f"/v1/segments/{one['id']}")
    with site.page(f"#/segments/{one['id']}") as page:
        expect(page.locator("h1")).to_have_text(one["name"]["en"])
        check(
            page.locator(".effect").count() == len(detail["traits"]),
            "not every trait is shown",
        )
        page.locator("button[data-sort=frequency]").click()
        until(page, "location.hash.includes('sort=frequency')")
        inspect(page, "a segment")
    with site.page("#/segments/none-such", failing=True) as page:
        expect(page.locator(".state.empty").first).to_be_visible()


@case("the map, the moves and two segments side by side are there in Chinese on a phone")
def views(site):
    words = messages("zh")
    for view in ["map", "migration", "compare"]:
        with site.page(f"#/segments?view={view}", language="zh", size=PHONE) as page:
            expect(page.locator("h1")).to_have_text(words["nav.segments"])
            check(
                page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
                f"{view} is wider than the phone",
            )
            inspect(page, f"segments {view}")


@case("a segment by rule: the count follows the typing, what is wrong is named, it is saved and removed")
def rules(site):
    with site.page("#/segments?view=rules", failing=True) as page:
        page.locator("#rule-condition").fill("orders_all >= 1")
        expect(page.locator(".rule-count")).to_be_visible()
        check("condition=" in page.evaluate("location.hash"), "the condition is not in the address")
        page.locator("#rule-condition").fill("ordrs_all >= 1")
        expect(page.locator("#rule-outcome")).to_contain_text("orders_all")
        expect(page.locator("[data-action=save-rule]")).to_be_disabled()
        page.locator("#rule-condition").fill("orders_all >= 1")
        expect(page.locator("[data-action=save-rule]")).to_be_enabled()
        page.locator("#rule-name").fill("Everyone who bought")
        page.locator("[data-action=save-rule]").click()
        expect(page.locator("main table.data th a").first).to_have_text("Everyone who bought")
        inspect(page, "segment rules")
        remove = page.locator("main table.data button.link").last
        remove.click()
        remove.click()
        expect(page.locator("main .state.empty")).to_be_visible()


@case("before the first segmentation the page says what it takes, and starts it")
def never(site):
    with site.page(
        "#/segments",
        failing=True,
        prepare=lambda page: answer(page, "**/v1/segments?*", NOT_SEGMENTED, 409),
    ) as page:
        expect(page.locator("[data-action=segment]")).to_be_visible()
        expect(page.locator(".state.waiting")).to_be_visible()
