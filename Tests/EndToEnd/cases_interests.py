"""Interests and habits of a customer."""

from cases_accessibility import inspect
from cases_demand import download
from harness import PHONE, case, check, expect, messages


@case("a customer's interests say what stands out, in both languages and as a file")
def interests(site):
    id = site.a_customer()
    known = site.server.get(f"/v1/customers/{id}/interests?per_dimension=28")
    for language in ("en", "zh"):
        words = messages(language)
        with site.page(f"#/customers/{id}", language) as page:
            part = page.get_by_role("heading", name=words["interests.title"]).locator("..")
            expect(part).to_contain_text(known["sentences"][language][0])
            expect(part.locator(".interest-group")).to_have_count(
                len({(row["kind"], row["name"]) for row in known["items"]})
            )
            expect(part.locator(".week-grid tbody tr")).to_have_count(7)
            inspect(page, f"interests ({language})")
    with site.page(f"#/customers/{id}") as page:
        title = messages("en")["interests.title"]
        _, lines = download(page, f"section:has(> h2:text-is('{title}')) [data-action=export]")
        check(lines[0].startswith("kind,name,value,strength,"), f"the columns are {lines[0]}")
        check(len(lines) > len(known["items"]) / 2, f"{len(lines)} lines")


@case("habits are told with their cases, and what was looked for in vain can be opened")
def habits(site):
    id = site.a_customer()
    known = site.server.get(f"/v1/customers/{id}/patterns")
    words = messages("en")
    with site.page(f"#/customers/{id}") as page:
        part = page.get_by_role("heading", name=words["habits.title"]).locator("..")
        expect(part.locator(".habits li")).to_have_count(known["found"])
        vain = known["tested"] - known["found"]
        if vain:
            part.locator("summary").click()
            expect(part.locator("tbody tr")).to_have_count(vain)


@case("interests and habits are legible on a phone, and a refusal is said")
def phone(site):
    id = site.a_customer()
    with site.page(f"#/customers/{id}", size=PHONE) as page:
        expect(page.locator(".week-grid")).to_be_visible()
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        check(width <= 0, f"the page is {width} px wider than the phone")
