"""Restock: what happens if, the plan as a file, and stock that is supplied by the shop. Changes one item."""

from urllib.parse import quote, unquote

from cases_accessibility import inspect
from cases_demand import HOSTILE, download, unharmed
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")


def line(order, **more):
    """A line of a plan."""
    known = order is not None
    return {
        "item_id": "coffee-1",
        "title": HOSTILE,
        "category": "COFFEE",
        "stock": 4 if known else None,
        "on_order": 6,
        "order_up_to": 22,
        "order": order,
        "expected_demand": 14.5,
        "range": {"lower": 9, "upper": 20},
        "weeks_of_cover": 0.6 if known else None,
        "unit_cost": 2.5 if known else None,
        "cost": {"amount": 30, "currency": "USD"} if known else None,
        "stockout_risk": 0.61 if known else None,
        "stockout_risk_after": 0.04 if known else None,
        "expected_surplus": 2,
        "order_by": "2025-07-02" if known else None,
        "class": "AX",
        "why": {"en": "It sells out on Thursday.", "zh": "周四会卖完。"},
        "model": "AutoETS",
        "mase": 0.8,
        **more,
    }


def plan(lines, without, **summary):
    return {
        "items": lines,
        "next_cursor": None,
        "summary": {
            "lines": len(lines),
            "to_order": sum(bool(one["order"]) for one in lines),
            "cost": {"amount": 30, "currency": "USD"},
            "benefit": {"amount": 12, "currency": "USD"},
            "gap": 0.001,
            "without_stock": without,
            "words": {"en": "One item should be ordered.", "zh": "有一件商品该订。"},
            **summary,
        },
        "settings": {"service_level": 0.95, "lead_time_days": 7, "review_days": 7, "budget": None},
        "backtest": None,
    }


@case("what-if settings of the plan are in the address and change it; what is out of bounds is said, not sent")
def what_if(site):
    def levels(query=""):
        lines = site.server.get(f"/v1/restock?limit=500{query}")["items"]
        return {one["item_id"]: one["order_up_to"] for one in lines}

    asked = []
    with site.page("#/restock") as page:
        page.on("request", lambda request: asked.append(request.url) if "/v1/restock" in request.url else None)
        field = page.get_by_label(WORDS["restock.serviceLevel"])
        field.fill("99.5")
        until(page, "location.hash.includes('service_level=0.995')")
        settle(page)
        check(len(asked) == 1 and "service_level=0.995" in asked[0], f"asked were {asked}")
        usual, high = levels(), levels("&service_level=0.995")
        check(sum(high.values()) > sum(usual.values()), "a higher service level keeps no more")
        row = page.get_by_role("region", name=WORDS["restock.plan"]).locator("tbody tr").first
        id = unquote(row.locator("th a").get_attribute("href").rsplit("/", 1)[1])
        shown = row.inner_text()
        check(f"{high[id]:,.0f}" in shown or f"{high[id]:.1f}" in shown, f"{high[id]} is not in {shown}")
        expect(page.locator("main")).to_contain_text("99.5%")
        lead = page.get_by_label(WORDS["restock.leadTime"])
        lead.fill("28")
        until(page, "location.hash.includes('lead_time_days=28')")
        settle(page)
        field.fill("120")
        expect(page.locator(".number-field [role=alert]", has_text="50")).to_be_visible()
        check(field.get_attribute("aria-invalid") == "true", "the field is not marked as wrong")
        check("service_level=0.995" in page.url, "a level out of bounds is in the address")
        check(len(asked) == 2, f"a level out of bounds was sent: {asked}")
        inspect(page, "a plan with a wrong setting")
        address = page.url[page.url.index("#") :]
    with site.page(address, "zh") as again:
        field = again.get_by_label(messages("zh")["restock.serviceLevel"])
        expect(field).to_have_value("99.5")
        name, lines = download(again)
        check(name == "restock-plan.csv" and len(lines) > 1, f"{name} has {len(lines)} lines")


@case("a plan says how much, when and why; names stay text, on a phone too")
def plan_lines(site):
    body = plan([line(12), line(0), line(None)], 1)
    for language, size in (("en", None), ("zh", PHONE)):
        with site.page(
            "#/restock",
            language,
            prepare=lambda page: answer(page, "**/v1/restock*", body),
            **({"size": size} if size else {}),
        ) as page:
            words = messages(language)
            rows = page.get_by_role("region", name=words["restock.plan"]).locator("tbody tr")
            expect(rows.nth(0)).to_contain_text("12")
            expect(rows.nth(0)).to_contain_text("61%")
            expect(rows.nth(2)).to_contain_text(words["restock.unknown"])
            if not size:
                expect(rows.nth(0)).to_contain_text("It sells out on Thursday.")
                expect(rows.nth(0)).to_contain_text("4%")
            unharmed(page)
            check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is too wide")
            expect(page.locator("main")).to_contain_text(words["restock.backtest.none"])
            inspect(page, f"a plan ({language})")


@case("without stock the plan shows the levels and how the stock gets here; a filled sheet gives the order")
def stock(site):
    body = plan([line(None)], 1, cost=None, benefit=None, gap=None, to_order=0)
    with site.page("#/restock", prepare=lambda page: answer(page, "**/v1/restock*", body)) as page:
        expect(page.locator(".state.waiting").first).to_contain_text(WORDS["restock.supply.none"])
        expect(page.locator("table.data tbody tr").first).to_contain_text("22")
        page.locator("details summary").click()
        expect(page.locator("main dl code", has_text="lead_time_days")).to_be_visible()
        page.get_by_role("link", name=WORDS["restock.supply.import"]).click()
        settle(page)
        check(page.url.endswith("#/data/import"), page.url)
    if not site.server.is_own:
        return
    found = site.server.get("/v1/restock?limit=1")["items"]
    check(found, "the plan of the small shop has no line")
    id = found[0]["item_id"]
    path = f"/v1/items/{quote(id, safe='')}"
    before = site.server.get(path)
    with site.page(f"#/restock?query={quote(id, safe='')}") as page:
        name, lines = download(page, "[data-action=stock-sheet]")
        check(name == "stock-sheet.csv" and lines[0].startswith('"item_id","title","stock"'), f"{name}: {lines[:1]}")
        for content, problem in (
            (f"item_id,stock\r\n{id},many\r\n", "many"),
            ("sku,count\r\nx,1\r\n", "item_id"),
        ):
            take_in(page, content)
            expect(page.locator("main [role=alert]", has_text=problem)).to_be_visible()
        check(site.server.get(path) == before, "a sheet that was refused changed an item")
        inspect(page, "a sheet that was refused")
        take_in(page, f'\ufeffitem_id;title;stock;unit_cost\r\n"{id}";"a; b";0;1.5\r\n')
        expect(page.locator("main")).to_contain_text(WORDS["stock.taken"].split(" | ")[0].replace("{count}", "1"))
        settle(page)
        after = site.server.get(path)
        check(after["attributes"]["stock"] == 0 and after["attributes"]["unit_cost"] == 1.5, f"stored is {after}")
        check(
            {**after, "attributes": None} == {**before, "attributes": None},
            f"the sheet changed more of the item: {after}, before {before}",
        )
        planned = site.server.get(f"/v1/restock?query={quote(id, safe='')}")["items"]
        order = next(one["order"] for one in planned if one["item_id"] == id)
        check(order and order > 0, f"an empty shelf orders {order}")
        row = page.get_by_role("region", name=WORDS["restock.plan"]).locator(
            "tbody tr", has=page.locator(f"a[href='#/items/{quote(id, safe='')}']")
        )
        expect(row.locator("strong")).to_have_text(f"{order:,.0f}")


def take_in(page, content):
    """Chooses a sheet with this content."""
    page.set_input_files(
        "#stock-file", {"name": "stock.csv", "mimeType": "text/csv", "buffer": content.encode("utf-8")}
    )
