"""From the market board to the evidence, and addresses that hold what was seen."""

import re
from urllib.parse import quote

from harness import case, check, expect, messages, settle, until


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
        bars = chart.locator("tbody tr")
        counts = [int(text) for text in bars.locator("td").all_inner_texts()]
        # Above the first bar, which has no lower bound.
        place = max(range(1, len(counts)), key=counts.__getitem__)
        customers = counts[place]
        check(customers > 0, f"all customers are in the first bar: {counts}")
        bars.nth(place).locator("button").click()
        settle(page)
        check(f"min_strength={place / 10:g}" in page.url, page.url)
        lead = page.locator("#who p").first
        expect(lead).to_contain_text(f"{customers} customer")


@case("each number of the board opens the customers it counts")
def board_numbers(site):
    row = site.server.get("/v1/needs?sort=at_stake&limit=1")["items"][0]
    counts = {
        "kind=replenish": row["replenish_customers"],
        "kind=explore": row["explore_customers"],
        "days=7": row["due_within_7_days"],
        "overdue=true": row["overdue"],
    }
    for query, count in counts.items():
        with site.page("#/needs") as page:
            link = page.locator(f"main table.data tbody tr:first-child a[href$='{query}']").first
            check(link.inner_text() == f"{count:,}", f"{query}: the board shows {link.inner_text()}")
            link.click()
            settle(page)
            expect(page.locator("#who")).to_be_in_viewport()
            lead = page.locator("#who p").first.inner_text()
            check(f"{count:,} " in lead, f"{query}: {count} is not in “{lead}”")
            address = page.url[page.url.index("#") :]
        with site.page(address) as again:
            check(again.locator("#who p").first.inner_text() == lead, "the link shows another list")


@case("the customers behind the first page are those it counts")
def overview_numbers(site):
    overview = site.server.get("/v1/overview")
    buyers = next(tile["value"] for tile in overview["tiles"] if tile["id"] == "customers")
    with site.page("#/today") as page:
        page.locator("a.tile", has_text=messages("en")["tile.customers"]).click()
        settle(page)
        expect(page.locator("main .lead")).to_contain_text(f"{buyers:,} customer")
    lapsing = next((one for one in overview["attention"] if one["id"] == "lapsing_customers"), None)
    check(lapsing is not None, "the made-up shop has no lapsing customers")
    with site.page("#/today") as page:
        page.locator(".attention a[href*='min_days']").click()
        settle(page)
        expect(page.locator("main .lead")).to_contain_text(f"{lapsing['count']:,} regular customer")
        check("min_orders=5" in page.url, page.url)


@case("lists of events say how many there are")
def event_totals(site):
    category = site.a_need()
    total = site.server.get(f"/v1/events?limit=1&category={quote(category, safe='')}")["total"]
    with site.page(site.addresses()["events"]) as page:
        expect(page.locator("main .lead")).to_contain_text(f"{total:,} event")
        expect(page.locator(".pager")).to_contain_text(f"of {total:,}")
        page.locator(".chip").click()
        settle(page)
        everything = site.server.get("/v1/events?limit=1")["total"]
        check(everything > total, "the category holds all events")
        expect(page.locator("main .lead")).to_contain_text(f"{everything:,} event")


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
