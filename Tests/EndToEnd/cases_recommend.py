"""The workbench: a page, why each item stands where it does, why another does not, two versions, a decision."""

import re
from urllib.parse import quote

from cases_accessibility import inspect
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")


def made_page(site, **request):
    """What the server makes of a request for a page, without logging it."""
    return site.server.send("POST", "/v1/pages", {"preview": True, "trace": True, **request})


def shown_items(page, where=".slots"):
    """The items on the screen, from the first place to the last."""
    return [one.get_attribute("data-item") for one in page.locator(f"{where} > li").all()]


def pick(page, label, text, value):
    """Types into a field and takes a suggestion."""
    field = page.get_by_role("combobox", name=label, exact=True)
    field.click()
    page.keyboard.type(text)
    option = page.locator(f".pick-options [data-value='{value}']")
    expect(option).to_be_visible()
    option.click()
    settle(page)


@case("a page is made for whom and where one chooses, in both languages")
def making(site):
    customer = site.a_customer()
    expected = made_page(site, customer_id=customer)
    for language in ("en", "zh"):
        words = messages(language)
        with site.page("#/recommend", language) as page:
            pick(page, words["recommend.customer"], customer, customer)
            check(f"customer={customer}" in page.url, page.url)
            lead = page.locator("main .lead").first
            expect(lead).to_contain_text(customer)
            expect(lead).to_contain_text(str(len(expected["items"])))
            kind = re.sub("Model$", "", expected["model"]["kind"])
            expect(lead).to_contain_text(f"{kind} v{expected['model']['version']}")
            check(
                shown_items(page) == [item["item_id"] for item in expected["items"]],
                "the screen shows another page than the server makes",
            )
            address = page.url[page.url.index("#") :]
        with site.page(address, language) as again:
            check(
                shown_items(again) == [item["item_id"] for item in expected["items"]],
                "the link shows another page",
            )


@case("looking at pages logs nothing")
def previews(site):
    bodies = []
    with site.page(
        "#/recommend",
        prepare=lambda page: page.on(
            "request",
            lambda request: bodies.append(request.post_data_json) if "/v1/pages" in request.url else None,
        ),
    ) as page:
        page.locator("[data-context=session]").click()
        settle(page)
        page.locator("[data-context=email]").click()
        settle(page)
    check(len(bodies) >= 3, f"asked {len(bodies)} times")
    check(all(body.get("preview") is True for body in bodies), "a page was asked for that is not a preview")


@case("each context asks for what it needs, then shows its page")
def contexts(site):
    item = site.server.get(f"/v1/items/{quote(site.an_item(), safe='')}")
    needed = {
        "item": (WORDS["recommend.item"], item["title"], item["item_id"]),
        "cart": (WORDS["recommend.cart"], item["title"], item["item_id"]),
        "category": (WORDS["recommend.category"], item["category"], item["category"]),
    }
    with site.page("#/recommend") as page:
        for context, (label, text, value) in needed.items():
            button = page.locator(f"[data-context={context}]")
            button.click()
            expect(page.locator("main .state.empty")).to_contain_text(WORDS[f"recommend.missing.{context}"])
            expect(button).to_be_focused()
            check(button.get_attribute("aria-pressed") == "true", f"{context} is not marked as chosen")
            pick(page, label, text, value)
            expect(page.locator(".slots > li").first).to_be_visible()
            check(f"context={context}" in page.url, page.url)
        check("cart=" in page.url, "the cart was lost on the way")
        page.locator("[data-context=cart]").click()
        chip = page.get_by_role("button", name=WORDS["recommend.withoutItem"].format(item=item["title"]))
        chip.click()
        expect(page.locator("main .state.empty")).to_contain_text(WORDS["recommend.missing.cart"])


@case("a place opens to its reasons and to why it is there, and the link keeps it open")
def reasons(site):
    customer = site.a_customer()
    expected = made_page(site, customer_id=customer)
    index = next(i for i, item in enumerate(expected["items"]) if item["reasons"])
    item = expected["items"][index]
    with site.page(f"#/recommend?customer={customer}") as page:
        slot = page.locator(f".slots > li[data-item='{item['item_id']}']")
        expect(slot.locator("summary")).to_contain_text(item["reasons"][0]["text"]["en"])
        slot.locator("summary").focus()
        page.keyboard.press("Enter")
        lines = slot.locator("table.waterfall tbody tr")
        expect(lines).to_have_count(len(item["reasons"]))
        for line, reason in zip(lines.all(), item["reasons"]):
            expect(line).to_contain_text(reason["text"]["en"])
            # That something was bought before is a fact, not a weight.
            if reason["weight"] is not None:
                direction = "down" if reason["weight"] < 0 else "up"
                expect(line.locator(f"svg.signed.{direction}")).to_have_count(1)
        expect(slot.locator(".said")).to_contain_text(f"place {index + 1}")
        until(page, "location.hash.includes('open=')")
        inspect(page, "a place that is open")
        address = page.url[page.url.index("#") :]
    with site.page(address) as again:
        expect(again.locator(f".slots > li[data-item='{item['item_id']}'] table.waterfall")).to_be_visible()


@case("the trace accounts for sources and candidates")
def trace(site):
    customer = site.a_customer()
    expected = made_page(site, customer_id=customer)["trace"]
    with site.page(f"#/recommend?customer={customer}") as page:
        sources = page.get_by_role("region", name=WORDS["trace.sources"]).locator("tbody tr")
        expect(sources).to_have_count(len(expected["sources"]))
        for row, source in zip(sources.all(), expected["sources"]):
            expect(row.locator("td").first).to_have_text(f"{source['items']:,}")
            expect(row.locator("td").last).to_have_text(f"{source['used']:,}")
        fates = [one["why"] for one in expected["candidates"]]
        unknown = {fate for fate in fates if f"trace.why.{fate}" not in WORDS}
        check(not unknown, f"fates without words: {unknown}")
        table = page.get_by_role("region", name=WORDS["trace.candidates"])
        expect(table.locator("tbody tr")).to_have_count(len(fates))
        button = page.locator("[data-fates] nav button", has_text=WORDS["trace.why.shown"])
        button.click()
        expect(table.locator("tbody tr")).to_have_count(fates.count("shown"))
        check("fate=shown" in page.url, page.url)
        check(page.evaluate("document.activeElement.ariaPressed") == "true", "the focus was lost")


def missing_with_a_way_in(site, request, shown):
    """An item that is not on a page but that some change would bring there, and what the server says about it."""
    for item in site.server.get("/v1/items?limit=90")["items"]:
        if item["item_id"] in shown:
            continue
        body = {**request, "wanted": item["item_id"]}
        reply = site.server.send("POST", "/v1/pages/why-not", body)
        if reply["changes"]:
            return item, reply
    raise AssertionError("no change brings any item onto the page")


@case("why not: the reason in words, and what would bring the item in")
def missing_item(site):
    customer = site.a_customer()
    made = made_page(site, customer_id=customer, count=3)
    shown = {item["item_id"] for item in made["items"]}
    wanted, reply = missing_with_a_way_in(site, {"customer_id": customer, "count": 3}, shown)
    for language in ("en", "zh"):
        words = messages(language)
        with site.page(f"#/recommend?customer={customer}&count=3", language) as page:
            panel = page.locator("#why-not")
            expect(panel).to_contain_text(words["whyNot.hint"])
            pick(page, words["whyNot.item"], wanted["title"], wanted["item_id"])
            check(f"wanted={wanted['item_id']}" in page.url, page.url)
            sentence = words[f"whyNot.because.{reply['because']}"].split("{item}")[-1].split("{")[0]
            expect(panel.locator(".answer")).to_contain_text(sentence.strip())
            expect(panel.locator(".answer")).to_contain_text(wanted["title"])
            changes = panel.locator(".changes li")
            expect(changes).to_have_count(len(reply["changes"]))
            for line, change in zip(changes.all(), reply["changes"]):
                expect(line).to_contain_text(change["text"][language])
                expect(line).to_contain_text(
                    words["whyNot.rankAfter"].format(rank=change["rank_after"])
                )
            inspect(page, f"why not ({language})")
    hopeless = {**reply, "changes": []}
    with site.page(
        f"#/recommend?customer={customer}&wanted={wanted['item_id']}",
        prepare=lambda page: answer(page, "**/v1/pages/why-not", hopeless),
    ) as page:
        expect(page.locator("#why-not")).to_contain_text(WORDS["whyNot.nothing"])
    first = made["items"][0]
    with site.page(f"#/recommend?customer={customer}&wanted={first['item_id']}") as page:
        expect(page.locator("#why-not .answer")).to_contain_text("at place 1")


@case("two versions of the model stand side by side")
def comparing(site):
    customer = site.a_customer()
    models = site.server.get("/v1/models")["items"]
    model = next(one for one in models if one["name"].startswith("recommendation"))
    versions = sorted((one["version"] for one in model["versions"]), reverse=True)
    check(len(versions) > 1, "the made-up shop has one version only")
    a, b = versions[1], versions[0]
    body = {"customer_id": customer, "a": f"{model['name']}@{a}", "b": f"{model['name']}@{b}"}
    reply = site.server.send("POST", "/v1/models/compare", body)
    with site.page(f"#/recommend/compare?customer={customer}&a={a}&b={b}") as page:
        expect(page.locator("main .lead").first).to_contain_text(f"{reply['shared']} of ")
        for index, key in enumerate(("a", "b")):
            side = page.locator(".slots").nth(index)
            ids = [one.get_attribute("data-item") for one in side.locator("> li").all()]
            check(ids == [item["item_id"] for item in reply[key]["items"]], f"side {key} shows other items")
            check(
                side.locator("> li.both").count() == reply["shared"],
                f"side {key} marks other items as shared than the server counts",
            )
        measures = page.get_by_role("region", name=WORDS["compare.measures"]).locator("tbody tr")
        check(measures.count() >= 2, "the measures of both versions are not there")
        page.locator("#compare-a").select_option(str(b))
        settle(page)
        check(f"a={b}" in page.url, page.url)
        expect(page.locator("#compare-a")).to_be_focused()
        expect(page.locator(".slots").first.locator("> li.alone")).to_have_count(0)


@case("a single version is not compared with itself")
def one_version(site):
    one = {"name": "recommendation", "versions": [{"version": 1, "kind": "ItemKNNModel", "state": "live"}]}
    with site.page(
        "#/recommend/compare", prepare=lambda page: answer(page, "**/v1/models", {"items": [one]})
    ) as page:
        expect(page.locator(".state.waiting")).to_contain_text(WORDS["compare.oneDetail"])


@case("a decision shows what was shown and what followed, and is linked from the customer")
def decision(site):
    customer = site.a_customer()
    with site.page(f"#/customers/{customer}") as page:
        page.get_by_role("link", name=WORDS["decision.link"]).click()
        settle(page)
        check("#/decisions/" in page.url, page.url)
        identifier = page.url.split("#/decisions/")[1].split("?")[0]
        kept = site.server.get(f"/v1/decisions/{identifier}")
        check(
            shown_items(page) == [item["item_id"] for item in kept["items"]],
            "other items than the decision holds",
        )
        expect(page.locator("main")).to_contain_text(WORDS["decision.noFeedback"])
        site.server.send(
            "POST",
            f"/v1/decisions/{identifier}/feedback",
            {"kind": "click", "item_id": kept["items"][1]["item_id"]},
        )
        page.reload()
        settle(page)
        expect(page.get_by_role("region", name=WORDS["decision.feedback"])).to_contain_text(WORDS["event.click"])
        page.get_by_role("link", name=WORDS["decision.again"]).click()
        settle(page)
        check(f"customer={customer}" in page.url and "#/recommend" in page.url, page.url)


@case("an item says whom to tell about it, and a customer leads to the workbench")
def whom_to_tell(site):
    item = site.an_item()
    people = site.server.get(f"/v1/items/{quote(item, safe='')}/customers?limit=20")["items"]
    check(len(people) > 0, "the server names nobody")
    with site.page(f"#/items/{quote(item, safe='')}") as page:
        rows = page.get_by_role("region", name=WORDS["item.tell"]).locator("tbody tr")
        expect(rows).to_have_count(len(people))
        expect(rows.first).to_contain_text(people[0]["customer_id"])
        with page.expect_download() as download:
            page.locator("[data-action=export-customers]").click()
        text = download.value.path().read_text(encoding="utf-8")
        check(people[0]["customer_id"] in text, "the file does not hold the customers")
        rows.first.locator("a").first.click()
        settle(page)
        check(page.url.endswith(f"#/customers/{people[0]['customer_id']}"), page.url)
        page.get_by_role("link", name=WORDS["customer.toWorkbench"]).click()
        settle(page)
        expect(page.locator("main .lead").first).to_contain_text(people[0]["customer_id"])


@case("the workbench says when nothing is trained, and when a page cannot be made")
def workbench_states(site):
    untrained = {"title": "Not trained yet", "status": 409, "detail": "There is no model yet."}
    with site.page(
        "#/recommend", failing=True, prepare=lambda page: answer(page, "**/v1/pages", untrained, 409)
    ) as page:
        expect(page.locator(".state.waiting")).to_contain_text(WORDS["state.notTrained"])
        inspect(page, "the workbench before training")
    broken = {"title": "Internal error", "status": 500, "detail": "The disk is full"}
    with site.page(
        "#/recommend", failing=True, prepare=lambda page: answer(page, "**/v1/pages", broken, 500)
    ) as page:
        expect(page.locator("main [role=alert]")).to_contain_text("The disk is full")
        page.unroute("**/v1/pages")
        page.get_by_role("button", name=WORDS["state.retry"]).click()
        expect(page.locator(".slots > li").first).to_be_visible()


@case("a suggestion is chosen by keyboard and cleared again, on a phone too")
def keyboard_choice(site):
    customer = site.a_customer()
    for size in (None, PHONE):
        with site.page("#/recommend", **({"size": size} if size else {})) as page:
            field = page.get_by_role("combobox", name=WORDS["recommend.customer"], exact=True)
            field.focus()
            page.keyboard.type(customer)
            expect(page.locator(".pick-options [aria-selected=true]")).to_contain_text(customer)
            inspect(page, "suggestions")
            page.keyboard.press("Enter")
            settle(page)
            until(page, f"location.hash.includes('customer={customer}')")
            check(
                page.evaluate("document.activeElement.getAttribute('role')") == "combobox",
                "choosing lost the focus",
            )
            field.fill("")
            page.keyboard.press("Enter")
            settle(page)
            until(page, "!location.hash.includes('customer=')")
            expect(page.locator("main .lead").first).to_contain_text(WORDS["recommend.forAnyone"])
