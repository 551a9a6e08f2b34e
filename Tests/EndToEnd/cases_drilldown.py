"""From the market board to the evidence, and addresses that hold what was seen."""

import re

from harness import case, check, expect, settle, until


@case("board, need, customer, evidence: each number leads on")
def board_to_evidence(site):
    with site.page("#/needs") as page:
        row = page.locator("main table.data tbody tr").first
        name = row.locator("a").first.inner_text()
        row.locator("a").first.click()
        settle(page)
        expect(page.locator("main h1")).to_have_text(name)
        customer_link = page.locator("#who table.data tbody tr a").first
        customer = customer_link.inner_text()
        customer_link.click()
        settle(page)
        check(f"/customers/{customer}" in page.url, f"expected the page of {customer}, got {page.url}")
        need = page.locator("details[data-need][open]")
        expect(need).to_have_count(1)
        parts = page.evaluate(
            """async (customer) => {
          const path = `/v1/customers/${encodeURIComponent(customer)}/needs?limit=500`;
          const answer = await (await fetch(path)).json();
          const open = document.querySelector('details[data-need][open]').dataset.need;
          return answer.items.find((item) => item.subject.id === open);
        }""",
            customer,
        )
        lines = need.locator("table.waterfall tbody tr")
        check(lines.count() >= len(parts["explanation"]["contributions"]) + 2, "contributions are missing")
        explanation = parts["explanation"]
        total = (
            explanation["base"]
            + explanation["calibration"]
            + sum(c["contribution"] for c in explanation["contributions"])
        )
        check(
            abs(total - explanation["total"]) < 0.01,
            f"contributions add up to {total}, not {explanation['total']}",
        )
        shown = [event.get_attribute("data-event") for event in need.locator("[data-event]").all()]
        check(shown == [event["event_id"] for event in parts["evidence"]], "other evidence than the server's")
        check(len(shown) > 0, "no evidence is shown")
        need.locator("a", has_text=re.compile("events? behind it")).click()
        settle(page)
        expect(page.locator("main table.data tbody tr").first).to_be_visible()
        check("#/events?" in page.url, "the evidence does not lead to the events")


@case("a link reproduces what was seen")
def deep_link(site):
    with site.page("#/needs") as page:
        page.locator("nav.choices button", has_text="steady").click()
        page.locator("button[data-sort=customers]").click()
        settle(page)
        seen = page.locator("main table.data tbody").inner_text()
        check("trend=steady" in page.url and "sort=customers" in page.url, page.url)
        page.locator("[data-action=copy-link]").click()
        link = page.evaluate("navigator.clipboard.readText()")
        check(link == page.url, f"copied {link} instead of {page.url}")
    with site.page(link[link.index("#") :]) as again:
        check(again.locator("main table.data tbody").inner_text() == seen, "the link shows another table")


@case("the way back restores the list")
def back(site):
    with site.page("#/needs") as page:
        page.locator("button[data-sort=customers]").click()
        settle(page)
        page.locator("main table.data tbody a").first.click()
        settle(page)
        page.go_back()
        settle(page)
        check(
            page.locator("th[aria-sort] button").get_attribute("data-sort") == "customers",
            "the order was lost",
        )
        page.go_back()
        settle(page)
        check(
            page.locator("th[aria-sort] button").get_attribute("data-sort") == "at_stake",
            "the first order was lost",
        )


@case("lists page on the server, forward and back")
def paging(site):
    with site.page("#/customers") as page:
        first = page.locator("main table.data tbody a").first.inner_text()
        page.locator("[data-page=next]").click()
        settle(page)
        second = page.locator("main table.data tbody a").first.inner_text()
        check(first != second, "the second page begins like the first")
        check("page=2" in page.url, page.url)
        page.locator("[data-page=previous]").click()
        settle(page)
        check(
            page.locator("main table.data tbody a").first.inner_text() == first,
            "the way back shows other customers",
        )


@case("a bar of the strength chart lists its customers")
def histogram(site):
    with site.page(site.addresses()["need"]) as page:
        chart = page.locator("chart-figure").nth(1)
        expect(chart.locator("canvas")).to_be_visible()
        chart.locator("figcaption button").click()
        chart.locator("tbody button").nth(3).click()
        settle(page)
        check("min_strength=0.3" in page.url, page.url)


@case("a list exports as CSV")
def export(site):
    with site.page("#/needs") as page:
        with page.expect_download() as download:
            page.locator("[data-action=export]").click()
        text = download.value.path().read_text(encoding="utf-8")
        check(download.value.suggested_filename == "needs.csv", download.value.suggested_filename)
        check(text.count("\n") > 5 and "," in text.splitlines()[0], "the file is not a table")


@case("the filter asks the server and keeps the focus")
def filtering(site):
    customer = site.a_customer()
    with site.page("#/customers") as page:
        page.locator("[data-filter]").click()
        page.keyboard.type(customer, delay=20)
        expect(page.locator("main table.data tbody tr").first).to_contain_text(customer)
        until(page, "location.hash.includes('query=')")
        check(page.evaluate("document.activeElement.hasAttribute('data-filter')"), "typing lost the focus")
