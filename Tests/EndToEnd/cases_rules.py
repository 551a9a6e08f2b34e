"""Rules: errors by line, a dry run, publishing, rolling back, and what happens when two people write."""

import json
from urllib.parse import quote

from cases_accessibility import inspect
from cases_recommend import shown_items
from harness import PHONE, answer, case, check, expect, messages, settle, until

WORDS = messages("en")
GOOD = 'house: boost 3 where brand = "Brand 2"\nquota at most 2 per category'
WRONG = 'house: boost 3 where brand = "Brand 2"\nraise 2 where price > 3'


def live(site):
    return site.server.get("/v1/rules")


def publish(site, text):
    """Publishes a text past the browser."""
    site.server.send("PUT", "/v1/rules", {"text": text, "version": live(site)["version"]})


def write(page, text):
    """Puts a text into the editor and waits until the server has judged it."""
    with page.expect_response("**/v1/rules/validate"):
        page.locator("#rules-text").fill(text)
    settle(page)


def agree(page):
    page.locator("#confirm-dialog button[value=yes]").click()
    expect(page.locator("#confirm-dialog")).to_have_count(0)


@case("an error in the rules names its line, and leads there")
def errors(site):
    for language in ("en", "zh"):
        words = messages(language)
        with site.page("#/recommend/rules", language) as page:
            write(page, WRONG)
            problems = page.locator(".rule-errors li")
            expect(problems).to_have_count(1)
            reply = site.server.send("POST", "/v1/rules/validate", {"text": WRONG})
            error = reply["errors"][0]
            check(error["line"] == 2, f"the server finds the error in line {error['line']}")
            expect(problems.first).to_contain_text(
                words["rules.at"].format(line=2, column=error["column"])
            )
            expect(page.locator(".gutter .wrong")).to_have_text("2")
            check(page.locator("[data-action=publish]").is_disabled(), "rules with errors can be published")
            check(page.locator("[data-action=try]").is_disabled(), "rules with errors can be tried")
            problems.locator("button").click()
            until(page, "document.activeElement.id === 'rules-text'")
            start = page.evaluate("document.activeElement.selectionStart")
            check(start == WRONG.index("\n") + error["column"], f"the cursor stands at {start}")
            inspect(page, f"rules with an error ({language})")
            write(page, GOOD)
            expect(problems).to_have_count(0)
            explained = page.locator(".rule-words li")
            expect(explained).to_have_count(2)
            good = site.server.send("POST", "/v1/rules/validate", {"text": GOOD})["rules"]
            for line, rule in zip(explained.all(), good):
                expect(line).to_contain_text(rule["words"][language])


@case("a draft is in the address, and examples can be inserted")
def draft(site):
    with site.page("#/recommend/rules") as page:
        write(page, GOOD)
        until(page, "location.hash.includes('text=')")
        page.locator(".rule-help summary").click()
        inspect(page, "the help of the language")
        page.locator("[data-example=diversify]").click()
        until(page, "location.hash.includes('diversify')")
        text = page.locator("#rules-text").input_value()
        check("diversify mmr 0.3" in text.split("\n"), text)
        address = page.url[page.url.index("#") :]
    with site.page(address) as again:
        check(again.locator("#rules-text").input_value() == text, "the link shows another text")
        again.locator("[data-action=discard-draft]").click()
        until(again, "!location.hash.includes('text=')")
        check(again.locator("#rules-text").input_value() == live(site)["text"], "the draft is still there")


@case("each example of the help is a rule that can be read")
def examples(site):
    with site.page("#/recommend/rules") as page:
        page.locator(".rule-help summary").click()
        texts = page.locator(".rule-help td code").all_inner_texts()
    check(len(texts) >= 12, f"only {len(texts)} examples")
    for text in texts:
        reply = site.server.send("POST", "/v1/rules/validate", {"text": text})
        check(reply["valid"], f"“{text}”: {reply['errors']}")


@case("a dry run says who gains and who loses, and opens a page with the rules on trial")
def dry_run(site):
    for language, size in (("en", None), ("zh", PHONE)):
        words = messages(language)
        with site.page(
            f"#/recommend/rules?customers=50&text={quote(GOOD)}", language, **({"size": size} if size else {})
        ) as page:
            with page.expect_response("**/v1/rules/dry-run", timeout=120_000) as waiting:
                page.locator("[data-action=try]").click()
            run = waiting.value.json()
            settle(page)
            check(run["pages_changed"] > 0, "the rules change nothing")
            section = page.get_by_role("region", name=words["dryRun.brands"])
            changed = run["brands"]["gaining"] + run["brands"]["losing"]
            expect(section.locator("tbody tr")).to_have_count(len(changed))
            check(
                section.locator("svg.up").count() == len(run["brands"]["gaining"]),
                "a brand gains on the wrong side",
            )
            expect(page.locator("main")).to_contain_text(run["note"][language])
            inspect(page, f"a dry run ({language})")
            width = page.evaluate("document.documentElement.scrollWidth")
            check(width <= page.viewport_size["width"], f"a dry run is {width} pixels wide")
            if size:
                continue
            page.locator("#rules-text").fill(GOOD + "\ndiversify mmr 0.2")
            expect(page.get_by_text(words["rules.stale"])).to_be_visible()
            write(page, GOOD)
            example = run["examples"][0]
            page.locator(".examples a").first.click()
            settle(page)
            expect(page.locator(".state", has_text=words["recommend.trial"])).to_be_visible()
            expect(page.locator("main .lead").first).to_contain_text(example["customer_id"])
            shown = {one.get_attribute("data-item") for one in page.locator(".slots > li").all()}
            check(set(example["gained"]) <= shown, "the page lacks what the dry run says it gains")
            check(not set(example["lost"]) & shown, "the page holds what the dry run says it loses")


@case("rules are published after asking, work at once, and are rolled back")
def publishing(site):
    publish(site, "first: boost 2 where price > 3")
    version = live(site)["version"]
    posted = []
    with site.page("#/recommend/rules") as page:
        page.on("request", lambda request: posted.append(request.method) if request.method == "PUT" else None)
        check(page.locator("[data-action=publish]").is_disabled(), "an unchanged text can be published")
        write(page, GOOD)
        page.locator("[data-action=publish]").click()
        expect(page.locator("#confirm-dialog")).to_contain_text(WORDS["rules.publishUntried"])
        page.locator("#confirm-dialog button[value=no]").click()
        check(not posted, "declining published")
        page.locator("[data-action=publish]").click()
        agree(page)
        expect(page.locator(".notices")).to_contain_text(WORDS["rules.published"].format(version=version + 1))
        settle(page)
        check(live(site)["text"] == GOOD, f"live is {live(site)['text']}")
        expect(page.locator("main .lead").first).to_contain_text(f"Version {version + 1}")
        until(page, "!location.hash.includes('text=')")
        page.goto(f"{site.server.url}/?lang=en#/recommend?customer={site.a_customer()}")
        settle(page)
        expect(page.get_by_role("region", name=WORDS["trace.rules"])).to_contain_text("house")
        page.get_by_role("region", name=WORDS["trace.rules"]).get_by_role("link", name="house").click()
        settle(page)
        until(page, "document.activeElement.id === 'rules-text'")
        page.locator("[data-action=roll-back]").click()
        agree(page)
        expect(page.locator(".notices")).to_contain_text(str(version + 2))
        settle(page)
        check(live(site)["text"] == "first: boost 2 where price > 3", "the earlier text is not live")
        check(
            page.locator("#rules-text").input_value() == "first: boost 2 where price > 3",
            "the editor does not show what is live",
        )
        page.locator("[data-action=look]").first.click()
        check(page.locator("#rules-text").input_value() == GOOD, "an old version cannot be looked at")
    publish(site, "")


@case("an item that a rule hides says so, and the page without the rule holds it")
def hidden_by_rule(site):
    customer = site.a_customer()
    request = {"customer_id": customer, "repeat_purchases": "allow", "preview": True}
    hidden = site.server.send("POST", "/v1/pages", request)["items"][0]
    publish(site, f'calm: bury 0.9 where price > 1000\nhide: filter out where item = "{hidden["item_id"]}"')
    with site.page(f"#/recommend?customer={customer}&repeat=allow&fate=removed") as page:
        check(hidden["item_id"] not in shown_items(page), "the rule does not hide the item")
        page.get_by_role("link", name=WORDS["whyNot.askLabel"].format(item=hidden["title"])).click()
        settle(page)
        panel = page.locator("#why-not")
        expect(panel.locator(".answer")).to_contain_text("hide")
        inspect(page, "an item that a rule hides")
        panel.get_by_role("link", name=WORDS["whyNot.withoutRules"]).click()
        settle(page)
        expect(page.locator(".state", has_text=WORDS["recommend.trial"])).to_be_visible()
        check(hidden["item_id"] in shown_items(page), "the page without the rule lacks the item")
        page.get_by_role("link", name=WORDS["recommend.toEditor"]).click()
        settle(page)
        text = page.locator("#rules-text").input_value().split("\n")
        check(text[0].startswith("calm:") and text[1].startswith("# hide:"), f"the editor holds {text}")
    publish(site, "")


@case("what somebody else published meanwhile is not overwritten unasked")
def conflict(site):
    with site.page("#/recommend/rules", failing=True) as page:
        write(page, GOOD)
        publish(site, "theirs: bury 0.5 where price > 3")
        page.locator("[data-action=publish]").click()
        agree(page)
        version = live(site)["version"]
        panel = page.locator(".state.waiting", has_text=f"version {version}")
        expect(panel).to_be_visible()
        check(page.locator("#rules-text").input_value() == GOOD, "the draft was lost")
        check(page.locator("[data-action=publish]").is_disabled(), "the draft can be published over theirs")
        inspect(page, "somebody else published")
        address = page.url[page.url.index("#") :]
        page.locator("[data-action=keep-mine]").click()
        expect(panel).to_be_hidden()
        page.locator("[data-action=publish]").click()
        agree(page)
        expect(page.locator(".notices")).to_contain_text(str(version + 1))
        check(live(site)["text"] == GOOD, "going on with the own draft did not publish it")
    with site.page(address, failing=True) as page:
        # The link is to a draft of a version that is not live any more, but says what is live now.
        expect(page.locator("main")).to_contain_text(str(version + 1))
    publish(site, "theirs: bury 0.5 where price > 3")
    with site.page(f"#/recommend/rules?text={quote('mine: boost 2 where price > 3')}&from=1") as page:
        page.locator("[data-action=load-theirs]").click()
        settle(page)
        check(page.locator("#rules-text").input_value() == live(site)["text"], "theirs is not loaded")
    publish(site, "")


@case("a key that may only read says so in a sentence")
def read_only(site):
    refusal = {"title": "Not allowed", "status": 403, "detail": "The role read may not publish"}

    def refuse(page):
        def handle(route):
            if route.request.method == "PUT":
                return route.fulfill(
                    status=403, content_type="application/problem+json", body=json.dumps(refusal)
                )
            return route.continue_()

        page.route("**/v1/rules", handle)

    with site.page("#/recommend/rules", failing=True, prepare=refuse) as page:
        write(page, GOOD)
        page.locator("[data-action=publish]").click()
        agree(page)
        expect(page.get_by_text(WORDS["rules.readOnly"])).to_be_visible()
        expect(page.locator("main [role=alert]")).to_have_count(0)
        check(page.locator("[data-action=publish]").is_disabled(), "publishing is still offered")
        check(page.locator("[data-action=try]").is_enabled(), "trying is not offered")
    facts = site.server.get("/v1/shop") | {"roles": ["read"]}
    with site.page("#/recommend/rules", prepare=lambda page: answer(page, "**/v1/shop", facts)) as page:
        write(page, GOOD)
        expect(page.get_by_text(WORDS["rules.readOnly"])).to_be_visible()
        check(page.locator("[data-action=publish]").is_disabled(), "a reader is offered to publish")


@case("what is written in rules never becomes markup")
def hostile_rules(site):
    hostile = '<img src=x onerror="window.__hit=1">: boost 2 where price > 3'
    with site.page(f"#/recommend/rules?text={quote(hostile)}") as page:
        check(page.locator("#rules-text").input_value() == hostile, "the text was changed")
        check(
            page.evaluate("window.__hit === undefined && !document.querySelector('main img')"),
            "markup was interpreted",
        )
