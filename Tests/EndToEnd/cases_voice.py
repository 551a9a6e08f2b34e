"""What customers say: the boards, one need, the pages of Voice, and what stands there when nothing is known."""

import json
from urllib.parse import parse_qs, quote

from cases_accessibility import inspect
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")
PROBLEM = {"type": "about:blank", "title": "Internal error", "status": 500, "detail": "The disk is full"}
NOT_READ = {"type": "about:blank", "title": "Not trained yet", "status": 404, "detail": "Nothing was read yet."}
HOSTILE = '<script>window.__hit = 1</script><img src=x onerror="window.__hit = 1">'


def board(site, query=""):
    """The board as the server gives it."""
    return site.server.get(f"/v1/voice{query}")


def sixteen(text, start, end):
    """A part of a text by UTF-16 units, as browsers count."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


@case("the board of what is said lists the needs of the server, and each number leads on")
def said_board(site):
    found = board(site)
    check(len(found["needs"]) >= 4, f"only {len(found['needs'])} needs were read from the reviews")
    first = found["needs"][0]
    with site.page("#/needs") as page:
        page.locator("nav.choices a[href$='view=said']").click()
        settle(page)
        rows = page.locator("main table.data tbody tr")
        check(rows.count() == len(found["needs"]), f"{rows.count()} rows for {len(found['needs'])} needs")
        expect(rows.first.locator("th a").first).to_have_text(first["label"])
        count = rows.first.locator("a[href$='part=customers']")
        check(str(first["customers"]) in count.inner_text(), f"the row says {count.inner_text()}")
        count.click()
        settle(page)
        expect(page.locator("main h1")).to_have_text(first["label"])
        expect(page.locator("#customers")).to_be_in_viewport()
        people = page.locator("#customers table.data tbody tr")
        check(people.count() == min(20, first["customers"]), f"{people.count()} customers are listed")
        who = people.first.locator("a").first.inner_text()
        people.first.locator("a").first.click()
        settle(page)
        check(f"/customers/{who}" in page.url, page.url)
        link = page.locator(f"main a[href='#/needs/said/{quote(first['need_id'], safe='')}']").first
        expect(link).to_be_visible()
        expect(page.locator("main .quote").first).to_be_visible()


@case("filters and order of the said board are in the address, and a link shows the same")
def said_filters(site):
    kinds = {need["kind"] for need in board(site)["needs"]}
    kind = "unmet" if "unmet" in kinds else sorted(kinds)[0]
    with site.page("#/needs?view=said") as page:
        page.locator(f"[data-filter-name=kind] button[data-value={kind}]").click()
        until(page, f"location.hash.includes('kind={kind}')")
        settle(page)
        check(
            page.evaluate("document.activeElement.dataset.value") == kind, "choosing a filter loses the focus"
        )
        page.locator("button[data-sort=sentiment]").click()
        settle(page)
        expected = [need["label"] for need in board(site, f"?kind={kind}&sort=sentiment")["needs"]]
        shown = [one.inner_text() for one in page.locator("main tbody th > a").all()]
        check(shown == expected, f"shown are {shown}, not {expected}")
        address = page.url[page.url.index("#") :]
    with site.page(address) as again:
        shown = [one.inner_text() for one in again.locator("main tbody th > a").all()]
        check(shown == expected, "the link shows another list")
    with site.page("#/needs?view=said&query=nobody-says-this") as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["said.noMatch"])
        page.get_by_role("link", name=WORDS["action.clearFilters"]).click()
        expect(page.locator("main table.data tbody tr").first).to_be_visible()


@case("a need that is said: quotes with their marks, sentences by tone, the weeks, what to offer")
def one_need(site):
    id = site.a_said_need()
    path = f"/v1/voice/needs/{quote(id, safe='')}"
    need = site.server.get(path)
    bad = site.server.get(f"{path}/statements?polarity=bad&limit=500")["items"]
    for language in ("en", "zh"):
        words = messages(language)
        with site.page(f"#/needs/said/{quote(id, safe='')}", language) as page:
            expect(page.locator("main .lead").first).to_contain_text(str(need["customers"]))
            first = page.locator("main .quote").first
            expect(first.locator("blockquote")).to_contain_text(need["quotes"][0]["text"][:40])
            expected = [sixteen(need["quotes"][0]["text"], *span) for span in need["quotes"][0]["highlight"]]
            check(first.locator("mark").all_inner_texts() == expected, "other words are marked")
            page.locator("#sentences [data-filter-name=polarity] button[data-value=bad]").click()
            until(page, "location.hash.includes('polarity=bad')")
            settle(page)
            shown = page.locator("#sentences .quote")
            check(shown.count() == min(20, len(bad)), f"{shown.count()} of {len(bad)} bad sentences")
            check(page.locator("#sentences .quote.good").count() == 0, "a good sentence is called bad")
            chart = page.locator("chart-figure").first
            chart.scroll_into_view_if_needed()
            expect(chart.locator("canvas")).to_be_visible()
            chart.locator("figcaption button").click()
            check(chart.locator("tbody tr").count() >= 3, "the table of weeks is empty")
            expect(page.locator("main")).to_contain_text(words["said.offers"])
            inspect(page, f"a need with its table ({language})")
    weeks = [week for week in need["series"] if week["customers"] > 0]
    with site.page(f"#/needs/said/{quote(id, safe='')}") as page:
        chart = page.locator("chart-figure").first
        chart.scroll_into_view_if_needed()
        chart.locator("figcaption button").click()
        chart.locator("tbody a").last.click()
        settle(page)
        query = parse_qs(page.url.rsplit("?", 1)[1])
        check(query["need_id"] == [id] and "from" in query and "to" in query, page.url)
        found = site.server.get(
            f"{path}/statements?limit=500&from={quote(query['from'][0])}&to={quote(query['to'][0])}"
        )["items"]
        shown = page.locator("main .quote").count()
        check(shown == min(25, len(found)), f"{shown} of the week's {len(found)} sentences")
        check(len(found) < need["statements"] + need["praises"] or len(weeks) == 1, "a week opens all weeks")


@case("the map of importance and performance has a table, and opens a need by keyboard")
def map_of_needs(site):
    needs = board(site)["needs"]
    with site.page("#/needs?view=map") as page:
        expect(page.locator("chart-figure canvas")).to_be_visible()
        urgent = sum(need["position"] == "concentrate-here" for need in needs)
        expect(page.locator("chart-figure h3")).to_contain_text(str(urgent))
        page.locator("chart-figure figcaption button").focus()
        page.keyboard.press("Enter")
        rows = page.locator("chart-figure tbody tr")
        check(rows.count() == len(needs), f"{rows.count()} rows for {len(needs)} needs")
        name = rows.first.locator("a").inner_text()
        rows.first.locator("a").focus()
        page.keyboard.press("Enter")
        settle(page)
        expect(page.locator("main h1")).to_have_text(name)


@case("aspects: a count opens its sentences, a choice its weeks and quotes")
def aspects(site):
    found = site.server.get("/v1/voice/aspects?limit=25")["items"]
    check(len(found) > 1, "no aspects were found in the reviews")
    worst = next((one for one in found if one["bad"]), None)
    check(worst is not None, "nothing is called bad")
    with site.page("#/voice") as page:
        row = page.locator("main table.data tbody tr", has=page.locator(f"[data-aspect='{worst['aspect']}']"))
        row.locator(f"[data-aspect='{worst['aspect']}']").click()
        settle(page)
        check("aspect=" in page.url, page.url)
        check(
            page.evaluate("document.activeElement.dataset.aspect") == worst["aspect"],
            "choosing an aspect loses the focus",
        )
        expect(page.locator("main .quote").first).to_be_visible()
        link = row.locator("a[href*='polarity=bad']")
        check(link.inner_text().split()[-1] == str(worst["bad"]), f"the row says {link.inner_text()}")
        link.click()
        settle(page)
        expect(page.locator("main .lead").first).to_contain_text(str(worst["bad"]))
        check(page.locator(".quote").count() == page.locator(".quote.bad").count(), "other tones are listed")


@case("quotes are searched, marked and narrowed; each leads to its customer, item and need")
def quotes(site):
    with site.page("#/voice/quotes") as page:
        page.locator("[data-filter]").click()
        page.keyboard.type("coffee", delay=20)
        until(page, "location.hash.includes('query=coffee')")
        settle(page)
        check(page.evaluate("document.activeElement.hasAttribute('data-filter')"), "typing lost the focus")
        found = site.server.get("/v1/voice/statements?query=coffee&limit=25")
        expect(page.locator("main .lead").first).to_contain_text("coffee")
        check(page.locator(".quote").count() == len(found["items"]), "other quotes than the server's")
        marks = [text.lower() for text in page.locator(".quote mark").all_inner_texts()]
        check(any("coffee" in text for text in marks), f"marked are {marks[:5]}")
        page.locator("[data-filter-name=polarity] button[data-value=bad]").click()
        until(page, "location.hash.includes('polarity=bad')")
        settle(page)
        check(page.locator(".quote.good").count() == 0, "a good sentence is called bad")
        for place in ("customers", "items", "needs/said"):
            check(
                page.locator(f".quote a[href^='#/{place}/']").count() > 0, f"no quote leads to {place}"
            )


@case("reviews never become markup, and long ones are clipped until asked for")
def hostile_reviews(site):
    with site.page("#/events?kind=review&customer_id=c0001") as page:
        expect(page.locator("main tbody tr", has_text="<img src=x onerror=").first).to_be_visible()
        check(
            page.evaluate("window.__hit === undefined && !document.querySelector('main img, main script')"),
            "markup of a review was interpreted",
        )
    long = "😀 the bag leaks. " + "很长的评论，" * 200
    # What the server sent, and marks of which one does not fit the text.
    quotes = [
        {"text": HOSTILE + long, "highlight": [[0, 7], [9000, 9010]]},
        {"text": long, "highlight": [[3, 10]]},
    ]

    def prepare(page):
        def handle(route):
            body = route.fetch().json()
            for item, change in zip(body["items"], quotes):
                item.update(change)
            body["items"][0]["item_title"] = body["items"][0]["customer_id"] = HOSTILE
            route.fulfill(json=body)

        page.route("**/v1/voice/statements?*", handle)

    for size in (None, PHONE):
        with site.page("#/voice/quotes", prepare=prepare, **({"size": size} if size else {})) as page:
            first, second = page.locator(".quote").nth(0), page.locator(".quote").nth(1)
            check(first.locator("mark").all_inner_texts() == [HOSTILE[:7]], "a mark outside the text is shown")
            check(second.locator("mark").all_inner_texts() == ["the bag"], "an emoji moves the marks")
            check(page.evaluate("window.__hit === undefined"), "markup was interpreted")
            clipped = len(second.locator("blockquote").inner_text())
            check(clipped < 300, f"{clipped} characters of a long review are shown")
            button = second.get_by_role("button", name=WORDS["quote.more"])
            button.focus()
            page.keyboard.press("Enter")
            check(len(second.locator("blockquote").inner_text()) > 1000, "the rest is not shown")
            expect(second.get_by_role("button", name=WORDS["quote.less"])).to_be_focused()
            width = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            check(width, "a long review widens the page")


@case("products are compared: two to five, with what differs and the sentences behind a cell")
def compare(site):
    with site.page("#/voice/compare") as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["compare.voice.pick"])
        for item in ("coffee-1", "coffee-2"):
            page.get_by_role("combobox", name=WORDS["compare.voice.addItem"]).click()
            page.keyboard.type(item)
            option = page.locator(f".pick-options [data-value='{item}']")
            expect(option).to_be_visible()
            option.click()
        settle(page)
        check("item_id=coffee-1" in page.url, page.url)
        table = site.server.get("/v1/voice/compare?item_id=coffee-1&item_id=coffee-2")
        rows = page.locator("main table.data tbody tr")
        check(rows.count() == len(table["aspects"]), f"{rows.count()} rows, {len(table['aspects'])} aspects")
        page.locator("main table.data tbody a").first.click()
        settle(page)
        check("#/voice/quotes?" in page.url and "item_id=" in page.url, page.url)
        expect(page.locator(".quote").first).to_be_visible()


@case("a word opens its weeks, its neighbours and its quotes; a topic its words")
def words_and_topics(site):
    found = site.server.get("/v1/voice/words?sort=frequency&limit=25")["items"]
    word = found[1]["word"]
    with site.page("#/voice/words") as page:
        page.locator(f"[data-word='{word}']").click()
        settle(page)
        expect(page.locator("main h2", has_text=f"“{word}”")).to_be_visible()
        neighbours = site.server.get(f"/v1/voice/words/{quote(word, safe='')}")["neighbours"]
        listed = page.locator(".neighbours button").all_inner_texts()
        check(listed == [one["word"] for one in neighbours[:12]], f"other neighbours: {listed}")
        address = page.url[page.url.index("#") :]
    with site.page(address) as again:
        expect(again.locator("main h2", has_text=f"“{word}”")).to_be_visible()
    with site.page("#/voice/topics") as page:
        page.locator("[data-topic] summary").first.click()
        until(page, "location.hash.includes('topic=')")
        page.locator("[data-topic][open] a[href^='#/voice/words']").first.click()
        settle(page)
        check("word=" in page.url, page.url)


@case("what was looked for in vain is listed with its reason, or the page says how it gets there")
def searches(site):
    def row(query, reason, **more):
        counts = {"count": 12, "failures": 12, "customers": 9, "trend": None}
        return {"query": query, "reason": reason, **counts, **more}

    rows = [
        row(HOSTILE, "no-results", examples=[HOSTILE, "无糖燕麦奶"], failures=11),
        row("coffee-2", "out-of-stock", item_title="Coffee no. 2", examples=["coffee-2"]),
    ]
    listed = {"items": rows, "next_cursor": None, "total": 2}
    with site.page(
        "#/voice/searches", prepare=lambda page: answer(page, "**/v1/voice/searches?*", listed)
    ) as page:
        expect(page.locator("main tbody th").first).to_contain_text(HOSTILE)
        expect(page.locator("main tbody tr").first).to_contain_text("11 of 12")
        expect(page.locator("main tbody a[href='#/items/coffee-2']")).to_have_text("Coffee no. 2")
        inspect(page, "searches")
    nothing = {"items": [], "next_cursor": None, "total": 0}
    with site.page(
        "#/voice/searches", prepare=lambda page: answer(page, "**/v1/voice/searches?*", nothing)
    ) as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["searches.noneTitle"])
    if not site.server.is_own:
        return
    events = [
        {
            "event_id": f"in-vain-{number}",
            "kind": "search",
            "customer_id": f"c{number + 1:04d}",
            "timestamp": f"2025-06-{number + 10}T10:00:00Z",
            "query": "decaf pods",
            "properties": {"results": 0},
        }
        for number in range(6)
    ]
    site.server.send("POST", "/v1/events", {"events": events})
    with site.page("#/voice/searches", "zh") as page:
        expect(page.locator("main tbody th").first).to_have_text("decaf pods")
        expect(page.locator("main .lead").first).to_contain_text("decaf pods")
        expect(page.locator("main tbody tr").first).to_contain_text(messages("zh")["searches.reason.none"])


@case("customers, items, what is bought and the search know what was said")
def elsewhere(site):
    need = board(site)["needs"][0]
    joined = {key: need[key] for key in ("need_id", "label", "kind", "customers", "sentiment", "position")}

    def prepare(page):
        def handle(route):
            body = route.fetch().json()
            for row in body.get("items", [body]):
                if "subject" in row:
                    row["voice"] = [joined]
            route.fulfill(json=body)

        page.route("**/v1/needs?*", handle)
        page.route(f"**/v1/needs/{quote(site.a_need(), safe='')}", handle)

    target = f"#/needs/said/{quote(need['need_id'], safe='')}"
    with site.page("#/needs", prepare=prepare) as page:
        expect(page.locator(f"main tbody a[href='{target}']").first).to_contain_text(need["label"])
    with site.page(site.addresses()["need"], prepare=prepare) as page:
        expect(page.locator(f".joined a[href='{target}']")).to_have_text(need["label"])
    item = need["quotes"][0]["item_id"]
    with site.page(f"#/items/{quote(item, safe='')}") as page:
        expect(page.locator(f"main a[href^='#/voice/quotes?item_id={quote(item, safe='')}']").first).to_be_visible()
    with site.page("#/today") as page:
        page.keyboard.press("/")
        page.keyboard.type(need["label"])
        option = page.locator(f"#search-results a[href='{target}']")
        expect(option).to_be_visible()
        page.keyboard.press("g")


@case("the board of what is said exports as CSV")
def said_export(site):
    for address, name in (("#/needs?view=said", "needs-said.csv"), ("#/voice/quotes", "quotes.csv")):
        with site.page(address) as page:
            with page.expect_download() as download:
                page.locator("[data-action=export]").click()
            text = download.value.path().read_text(encoding="utf-8")
            check(download.value.suggested_filename == name, download.value.suggested_filename)
            check(text.count("\n") > 3 and "," in text.splitlines()[0], f"{name} is not a table")


@case("before anything was read each page says so, and the reading is started from there")
def not_read(site):
    addresses = [address for name, address in site.addresses().items() if "said" in name or "voice" in name]
    for address in ["#/needs?view=map", *addresses]:
        with site.page(
            address, "zh", failing=True, prepare=lambda page: answer(page, "**/v1/voice**", NOT_READ, 404)
        ) as page:
            if "compare" in address or "said/" in address or "quotes" in address:
                until(page, "document.querySelectorAll('main .state').length > 0")
            expect(page.locator("main .state")).to_have_count(1)
            expect(page.locator("main .state")).to_contain_text(messages("zh")["mining.never"])
            expect(page.locator("[data-action=mine]")).to_be_visible()
            inspect(page, f"not read: {address}")
    started = []
    job = {"job_id": "v1", "kind": "voice", "created_at": "2025-06-30T10:00:00Z"}

    def prepare(page):
        def ask(route):
            if started:
                return route.continue_()
            return route.fulfill(status=404, content_type="application/problem+json", body=json.dumps(NOT_READ))

        def start(route):
            started.append(route.request.post_data)
            route.fulfill(status=202, json={**job, "status": "running", "fraction": 0.2})

        def events(route):
            lines = f"data: {json.dumps({**job, 'status': 'succeeded', 'fraction': 1})}\n\n"
            route.fulfill(status=200, content_type="text/event-stream", body=lines)

        page.route("**/v1/voice?*", ask)
        page.route("**/v1/voice/mining", start)
        page.route("**/v1/jobs/v1/events", events)

    with site.page("#/needs?view=said", failing=True, prepare=prepare) as page:
        page.locator("[data-action=mine]").click()
        expect(page.locator("main table.data tbody tr").first).to_be_visible()
        check(len(started) == 1, f"started {len(started)} times")


@case("who may only look sees why nothing can be decided or started")
def readers(site):
    def prepare(page):
        def handle(route):
            body = route.fetch().json()
            body["roles"] = ["read"]
            route.fulfill(json=body)

        page.route("**/v1/shop", handle)

    with site.page("#/needs?view=said", prepare=prepare) as page:
        expect(page.locator("main")).to_contain_text(WORDS["mining.notAllowed"])
        expect(page.locator("[data-action=mine]")).to_have_count(0)
    with site.page(site.addresses()["need said"], prepare=prepare) as page:
        expect(page.locator("main")).to_contain_text(WORDS["decide.notAllowed"])
        check(page.locator("[data-decide]:not([disabled])").count() == 0, "a button can be pressed")


@case("a board that cannot be loaded says so, and can be tried again")
def failing_board(site):
    with site.page(
        "#/needs?view=said", failing=True, prepare=lambda page: answer(page, "**/v1/voice?*", PROBLEM, 500)
    ) as page:
        expect(page.locator("main [role=alert]").first).to_contain_text("The disk is full")
        page.unroute("**/v1/voice?*")
        page.get_by_role("button", name=WORDS["state.retry"]).first.click()
        expect(page.locator("main table.data tbody tr").first).to_be_visible()
    with site.page("#/needs/said/voice-nobody-has-this", failing=True) as page:
        expect(page.locator("main .state").first).to_contain_text(WORDS["state.notFound"])
        expect(page.locator("main .state")).to_have_count(1)
