"""Campaigns: a draft with its reach, the start, the result in words, both languages, a phone, and what is refused."""

from cases_accessibility import inspect
from harness import PHONE, case, check, expect, settle


@case("a campaign is planned with its reach and power, saved, started after a question, and shows both groups")
def plan_and_start(site):
    with site.page("#/campaigns") as page:
        expect(page.locator("h1")).to_have_text("Campaigns")
        expect(page.locator(".campaign-preview")).to_contain_text("held out")
        page.locator("[data-action=create-campaign]").click()
        expect(page.locator(".campaign-form [role=alert]")).to_contain_text("Name")
        check(page.evaluate("document.activeElement.id") == "campaign-name", "the wrong field has the focus")
        page.locator("#campaign-holdout").fill("95")
        expect(page.locator(".campaign-form [role=alert]")).to_contain_text("Held out")
        page.locator("#campaign-holdout").fill("50")
        page.locator("#campaign-name").fill("Come <b>back</b>")
        page.locator("#campaign-text").fill("We miss you")
        expect(page.locator(".campaign-preview")).to_contain_text("50 %")
        settle(page)
        inspect(page, "a campaign that is planned")
        page.locator("[data-action=create-campaign]").click()
        expect(page.locator("h1")).to_have_text("Come <b>back</b>")
        page.locator("[data-action=start-campaign]").click()
        page.locator("#confirm-dialog button[value=yes]").click()
        expect(page.locator("[data-action=stop-campaign]")).to_be_visible()
        expect(page.locator("main")).to_contain_text("What it changed")
        expect(page.locator("table.data tbody tr").first).to_be_visible()
        settle(page)
        inspect(page, "a running campaign")


@case("campaigns read well in Chinese and on a phone")
def chinese_phone(site):
    with site.page("#/campaigns", language="zh", size=PHONE) as page:
        expect(page.locator("h1")).to_have_text("营销")
        expect(page.locator(".campaign-preview")).to_contain_text("对照")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        check(wide <= 0, f"the page is {wide} pixels wider than the phone")
        inspect(page, "campaigns on a phone")
