"""Each page in both languages, at desktop and phone width, light and dark."""

import re

from cases_accessibility import inspect
from harness import PHONE, WEB, case, check, expect, messages, settle

CHINESE = re.compile(r"[\u4e00-\u9fff]")
FIRST_VIEW_LIMIT = 200 * 1024
PLACES = [
    "today",
    "needs",
    "customers",
    "analytics",
    "voice",
    "patterns",
    "trends",
    "recommend",
    "demand",
    "restock",
    "launch",
    "value",
    "campaigns",
    "data",
    "models",
]


@case("each page opens in English and Chinese, and begins with a sentence")
def every_page(site):
    for name, address in site.addresses().items():
        for language in ("en", "zh"):
            with site.page(address, language) as page:
                heading = page.locator("main h1").inner_text()
                check(heading.strip(), f"{name} in {language} has no heading")
                check(page.locator("main").inner_text().strip() != heading, f"{name} in {language} is empty")
                check(
                    page.locator("main [role=alert]:not(:empty)").count() == 0,
                    f"{name} in {language} shows an error: {page.locator('main').inner_text()[:200]}",
                )
                tongue = page.evaluate("document.documentElement.lang")
                check(tongue == {"en": "en-US", "zh": "zh-CN"}[language], f"{name}: lang is {tongue}")
                if name != "not found":
                    lead = page.locator("main .lead")
                    check(
                        lead.count() and len(lead.first.inner_text()) > 4,
                        f"{name} in {language} has no leading sentence",
                    )
                has_chinese = bool(CHINESE.search(page.locator("nav.rail").inner_text()))
                check(
                    has_chinese == (language == "zh"),
                    f"{name} in {language}: the rail is in the other language",
                )


@case("the language switch is remembered, and the address wins over it")
def language_switch(site):
    with site.page("#/needs") as page:
        page.goto(f"{site.server.url}/#/needs")
        settle(page)
        page.locator("[data-action=language]").click()
        expect(page.locator("main h1")).to_have_text(messages("zh")["nav.needs"])
        page.reload()
        settle(page)
        expect(page.locator("main h1")).to_have_text(messages("zh")["nav.needs"])
        page.goto(f"{site.server.url}/?lang=en#/needs")
        settle(page)
        expect(page.locator("main h1")).to_have_text(messages("en")["nav.needs"])
        page.goto(f"{site.server.url}/#/customers?lang=en")
        settle(page)
        expect(page.locator("main h1")).to_have_text(messages("en")["nav.customers"])


@case("each page fits a phone of 360 pixels and passes the accessibility rules there")
def phone(site):
    for language in ("en", "zh"):
        for name, address in site.addresses().items():
            with site.page(address, language, size=PHONE) as page:
                width = page.evaluate("document.documentElement.scrollWidth")
                check(width <= PHONE["width"], f"{name} in {language} is {width} pixels wide")
                cut = page.evaluate(
                    "[...document.querySelectorAll('main .table-scroll')]"
                    ".filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.ariaLabel)"
                )
                check(not cut, f"{name} in {language}: cut off on a phone: {cut}")
                inspect(page, f"{name} ({language}, phone)")
                bar = page.locator("nav.rail").bounding_box()
                check(
                    bar["y"] + bar["height"] <= PHONE["height"] + 1 and bar["y"] > 600,
                    "the rail is not a bottom bar",
                )
    with site.page("#/today", size=PHONE) as page:
        for place in PLACES:
            link = page.locator(f"nav.rail li a[href='#/{place}']")
            check(link.bounding_box()["height"] >= 44, f"the link to {place} is too small to tap")
            link.click()
            settle(page)
            check(link.get_attribute("aria-current") == "page", f"{place} is not marked as the present page")


@case("charts are drawn, and show the same figures as a table")
def charts(site):
    with site.page("#/today") as page:
        expect(page.locator("chart-figure canvas")).to_be_visible()
        page.locator("chart-figure figcaption button").click()
        rows = page.locator("chart-figure tbody tr")
        weeks = len(site.server.get("/v1/overview")["weekly"])
        check(rows.count() == weeks, f"{rows.count()} rows in the table, {weeks} weeks from the server")
        page.locator("chart-figure figcaption button").click()
        expect(page.locator("chart-figure canvas")).to_be_visible()
        page.locator("chart-figure .plot").hover()
        expect(page.locator(".chart-tip")).to_be_visible()


@case("the first view is small, without the chart library")
def first_view_size(site):
    sizes = {}

    def listen(page):
        page.on(
            "response",
            lambda response: (
                sizes.__setitem__(response.url, len(response.body()))
                if "/v1/" not in response.url and "/vendor/" not in response.url
                else None
            ),
        )

    with site.page("#/today", prepare=listen):
        total = sum(sizes.values())
        check(len(sizes) > 5, f"only {len(sizes)} files were seen")
        check(total < FIRST_VIEW_LIMIT, f"{total} bytes in {len(sizes)} files")


@case("messages are complete in both languages, and each key in use exists")
def message_keys(site):
    del site
    english, chinese = messages("en"), messages("zh")
    check(set(english) == set(chinese), f"only in one language: {sorted(set(english) ^ set(chinese))}")
    for key, text in chinese.items():
        check(text.strip() and english[key].strip(), f"{key} is empty")
    namespaces = {key.split(".")[0] for key in english}
    fixed, prefixes, endings = set(), set(), set()
    for folder in ("app", "components", "pages"):
        for file in (WEB / folder).glob("*.js"):
            source = file.read_text(encoding="utf-8")
            fixed |= {
                key
                for key in re.findall(r"'([a-z]\w*(?:\.\w+)+)'", source)
                if key.split(".")[0] in namespaces
            }
            prefixes |= set(re.findall(r"\bt(?:Or)?\(\s*`([^`$]+)\$\{", source))
            endings |= set(re.findall(r"\bt(?:Or)?\(\s*`\$\{[^}]+\}((?:\.\w+)+)`", source))
    unused = {
        key
        for key in english
        if key not in fixed and not any(map(key.startswith, prefixes)) and not any(map(key.endswith, endings))
    }
    check(not unused, f"nobody says {sorted(unused)}")
    check(len(fixed) > 100, "the search for keys found too few")
    check(fixed <= set(english), f"no message for {sorted(fixed - set(english))}")
    for prefix in prefixes:
        check(any(key.startswith(prefix) for key in english), f"no message begins with {prefix}")
