"""Everything without a mouse."""

import json

from harness import case, check, expect, messages, settle, until

WORDS = messages("en")


def focused(page):
    return page.evaluate("document.activeElement.textContent?.trim() || document.activeElement.id")


@case("the first stop is the way past the navigation")
def skip_link(site):
    with site.page("#/today") as page:
        page.keyboard.press("Tab")
        check(focused(page) == WORDS["nav.skip"], f"the first stop is “{focused(page)}”")
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        check(
            page.evaluate("document.activeElement.id") == "main", "the skip link does not reach the content"
        )
        check(page.url.endswith("#/today"), "the skip link changed the address")


@case("the tab order follows the page, and each stop is visible")
def tab_order(site):
    with site.page("#/today") as page:
        stops = []
        # The skip link, the rail with the brand, search and language, and the first stops of the page.
        for _ in range(page.locator("nav.rail a").count() + 6):
            page.keyboard.press("Tab")
            stops.append(
                page.evaluate("""() => {
              const element = document.activeElement;
              const style = getComputedStyle(element);
              return { outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                       place: ['nav.rail', '.top', 'main'].findIndex((area) => element.closest(area)),
                       name: (element.textContent || element.id).trim().slice(0, 30) };
            }""")
            )
        for stop in stops:
            check(stop["outline"], f"the focus cannot be seen on “{stop['name']}”")
        places = [stop["place"] for stop in stops[1:]]
        check(
            places == sorted(places) and places[-1] == 2, f"the order is {[stop['name'] for stop in stops]}"
        )


@case("slash searches, arrows choose, Enter opens")
def search(site):
    need = site.server.get("/v1/needs?sort=at_stake&limit=1")["items"][0]["subject"]
    with site.page("#/today") as page:
        page.keyboard.press("/")
        check(
            page.evaluate("document.activeElement.id") == "global-search", "slash does not reach the search"
        )
        page.keyboard.type(need["label"])
        option = page.locator("#search-results [role=option]", has_text=need["label"]).first
        expect(option).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        expect(page.locator("#search-results [aria-selected=true]")).to_have_count(1)
        target = page.locator("#search-results [aria-selected=true]").get_attribute("href")
        page.keyboard.press("Enter")
        until(page, f"location.hash === {json.dumps(target)}")
        settle(page)
        check(
            page.evaluate("document.activeElement.tagName") == "H1",
            "the new page's heading has not got the focus",
        )
        page.keyboard.press("/")
        page.keyboard.type("zzzz-nothing")
        expect(page.locator("#search-results")).to_contain_text("zzzz-nothing")
        page.keyboard.press("Escape")
        expect(page.locator("#search-results")).to_be_hidden()


@case("a customer is found by id")
def search_customer(site):
    customer = site.a_customer()
    with site.page("#/needs") as page:
        page.keyboard.press("/")
        page.keyboard.type(customer)
        page.locator("#search-results [role=option]", has_text=customer).first.click()
        settle(page)
        check("#/customers/" in page.url, page.url)


@case("the question mark lists the shortcuts, Escape closes")
def help_dialog(site):
    with site.page("#/needs") as page:
        page.keyboard.press("?")
        dialog = page.locator("#shortcuts-dialog")
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text(WORDS["shortcuts.search"])
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


@case("letters go to places and through rows")
def letters(site):
    with site.page("#/today") as page:
        page.keyboard.press("g")
        page.keyboard.press("n")
        expect(page.locator("main h1")).to_have_text(WORDS["nav.needs"])
        settle(page)
        page.keyboard.press("j")
        first = focused(page)
        page.keyboard.press("j")
        second = focused(page)
        check(first != second, "j does not move on")
        page.keyboard.press("k")
        check(focused(page) == first, "k does not move back")
        page.keyboard.press("Enter")
        expect(page.locator("main h1")).to_have_text(first)
        page.keyboard.press("g")
        page.keyboard.press("c")
        expect(page.locator("main h1")).to_have_text(WORDS["nav.customers"])
        settle(page)
        page.keyboard.press("]")
        until(page, "location.hash.includes('page=2')")


@case("a need opens and closes by keyboard")
def disclosure(site):
    with site.page(f"#/customers/{site.a_customer()}") as page:
        summary = page.locator("details[data-need] summary").first
        summary.focus()
        page.keyboard.press("Enter")
        expect(page.locator("table.waterfall").first).to_be_visible()
        until(page, "location.hash.includes('need=')")
        page.keyboard.press("Enter")
        until(page, "!location.hash.includes('need=')")
