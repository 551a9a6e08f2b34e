"""What is shown when there is nothing, too little, no permission, or no server."""

import json

from cases_accessibility import inspect
from harness import answer, case, check, expect, messages, settle

WORDS = messages("en")
PROBLEM = {"type": "about:blank", "title": "Internal error", "status": 500, "detail": "The disk is full"}


@case("a failed request says so, and can be tried again")
def failing(site):
    with site.page(
        "#/today", failing=True, prepare=lambda page: answer(page, "**/v1/overview", PROBLEM, 500)
    ) as page:
        expect(page.locator("main [role=alert]")).to_contain_text("The disk is full")
        page.unroute("**/v1/overview")
        page.get_by_role("button", name=WORDS["state.retry"]).click()
        expect(page.locator(".tiles")).to_be_visible()


@case("a server that does not answer is named")
def offline(site):
    with site.page(
        "#/customers",
        failing=True,
        prepare=lambda page: page.route("**/v1/customers*", lambda route: route.abort()),
    ) as page:
        expect(page.locator("main [role=alert]").first).to_contain_text(WORDS["state.offline"])


def refuse_first(page, times, refuse):
    """Makes the first requests for the shop end in `refuse(route)`, and lets the later ones through."""
    calls = []

    def handle(route):
        calls.append(1)
        return refuse(route) if len(calls) <= times else route.continue_()

    page.route("**/v1/shop", handle)
    return calls


def still_reading(route):
    route.fulfill(
        status=503,
        headers={"Retry-After": "1"},
        content_type="application/problem+json",
        body=json.dumps({"title": "Starting", "status": 503, "detail": "The shop's data are being read."}),
    )


@case("while a shop is being read the page says so, and goes on by itself")
def reading(site):
    for language, scheme in (("en", "light"), ("zh", "dark")):
        words = messages(language)

        def prepare(page):
            refuse_first(page, 2, still_reading)

        with site.page(
            "#/needs", language, scheme=scheme, failing=True, prepare=prepare, settled=False
        ) as page:
            expect(page.locator("main h1")).to_have_text(words["state.starting"])
            expect(page.locator("main .state")).to_contain_text(words["state.goesOn"])
            check(page.title().startswith(words["state.starting"]), page.title())
            inspect(page, f"a shop being read ({language}, {scheme})")
            expect(page.locator("main h1")).to_have_text(words["nav.needs"])
            settle(page)
            check(page.title().startswith(words["nav.needs"]), page.title())
            expect(page.locator("main table.data tbody tr").first).to_be_visible()


@case("a server that is gone when a page opens is named, and found again by itself")
def gone(site):
    with site.page(
        "#/today",
        failing=True,
        prepare=lambda page: refuse_first(page, 1, lambda route: route.abort()),
        settled=False,
    ) as page:
        expect(page.locator("main h1")).to_have_text(WORDS["state.offline"])
        expect(page.locator(".tiles")).to_be_visible()


@case("a server that is gone meanwhile is found again by itself")
def gone_meanwhile(site):
    calls = []

    def prepare(page):
        def handle(route):
            calls.append(1)
            return route.abort() if len(calls) == 1 else route.continue_()

        page.route("**/v1/customers?*", handle)

    with site.page("#/customers", failing=True, prepare=prepare) as page:
        expect(page.locator("main table.data tbody tr").first).to_be_visible()
        check(len(calls) == 2, f"asked {len(calls)} times")


@case("a server that starts up is asked again by itself")
def starting(site):
    calls = []

    def prepare(page):
        def handle(route):
            calls.append(1)
            if len(calls) > 1:
                return route.continue_()
            return route.fulfill(
                status=503,
                headers={"Retry-After": "1"},
                content_type="application/problem+json",
                body=json.dumps({"title": "Starting", "status": 503}),
            )

        page.route("**/v1/overview", handle)

    with site.page("#/today", failing=True, prepare=prepare) as page:
        expect(page.locator(".tiles")).to_be_visible()
        check(len(calls) == 2, f"asked {len(calls)} times")


@case("a missing key is asked for, used, and kept for the session only")
def key(site):
    seen = []

    def prepare(page):
        def handle(route):
            seen.append(route.request.headers.get("authorization"))
            if seen[-1] == "Bearer secret-key":
                return route.continue_()
            return route.fulfill(
                status=401,
                content_type="application/problem+json",
                body=json.dumps({"title": "Key required", "status": 401, "detail": "A key is required"}),
            )

        page.route("**/v1/**", handle)

    with site.page("#/customers", failing=True, prepare=prepare) as page:
        expect(page.locator("#key-dialog")).to_be_visible()
        page.locator("#key-input").fill("secret-key")
        page.locator("#key-dialog button[value=yes]").click()
        expect(page.locator("main table.data tbody tr").first).to_be_visible()
        check(
            page.evaluate("localStorage.length === 0 || !JSON.stringify(localStorage).includes('secret')"),
            "the key was stored for good",
        )


@case("no permission has its own words and a next step")
def forbidden(site):
    body = {"title": "Not allowed", "status": 403, "detail": "The role reader may not see this"}
    with site.page(
        "#/data", failing=True, prepare=lambda page: answer(page, "**/v1/data-quality", body, 403)
    ) as page:
        expect(page.locator(".state.locked")).to_contain_text("The role reader may not see this")
        page.get_by_role("button", name=WORDS["key.other"]).click()
        expect(page.locator("#key-dialog")).to_be_visible()


@case("a shop that has not trained yet is told what to do")
def not_trained(site):
    body = {
        "title": "Not trained yet",
        "status": 409,
        "detail": "There is no need model yet: import events, then train.",
    }
    with site.page(
        "#/needs", failing=True, prepare=lambda page: answer(page, "**/v1/needs?*", body, 409)
    ) as page:
        expect(page.locator(".state")).to_have_count(1)
        expect(page.locator(".state.waiting")).to_contain_text(WORDS["state.notTrained"])
        expect(page.locator(".state.waiting a[href='#/models']").first).to_be_visible()


@case("an empty shop leads to the import")
def empty_shop(site):
    def prepare(page):
        answer(
            page,
            "**/v1/shop",
            {
                "shop": "default",
                "name": "New",
                "currency": "USD",
                "time_zone": "UTC",
                "customers": 0,
                "items": 0,
                "events": 0,
                "as_of": None,
                "roles": ["admin"],
            },
        )
        answer(
            page,
            "**/v1/overview",
            {"as_of": None, "sentences": {"en": [], "zh": []}, "tiles": [], "weekly": [], "attention": []},
        )

    with site.page("#/today", prepare=prepare) as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["today.empty"])
        page.locator(".state.empty a").click()
        settle(page)
        check(page.url.endswith("#/data/import"), page.url)


@case("filters that leave nothing can be cleared")
def no_match(site):
    with site.page("#/customers?query=nobody-has-this-id") as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["customers.noMatch"])
        page.get_by_role("link", name=WORDS["action.clearFilters"]).click()
        expect(page.locator("main table.data tbody tr").first).to_be_visible()
    with site.page("#/needs?query=nothing-is-called-this") as page:
        expect(page.locator(".state.empty")).to_contain_text(WORDS["needs.noMatch"])


@case("a customer that is not there is not found")
def unknown_customer(site):
    with site.page("#/customers/nobody-has-this-id", failing=True) as page:
        expect(page.locator("main .state").first).to_contain_text(WORDS["state.notFound"])
        expect(page.locator("main .state")).to_have_count(1)
        expect(page.locator(".recommendations")).to_have_count(0)


@case("text from the shop's data never becomes markup")
def hostile_text(site):
    hostile = '<img src=x onerror="window.__hit=1"><b>x</b>'

    def prepare(page):
        def handle(route):
            body = route.fetch().json()
            for row in body["items"]:
                row["subject"]["label"] = hostile
            route.fulfill(json=body)

        page.route("**/v1/needs?*", handle)

    with site.page("#/needs", prepare=prepare) as page:
        expect(page.locator("main table.data tbody a").first).to_have_text(hostile)
        check(
            page.evaluate("window.__hit === undefined && !document.querySelector('main img')"),
            "markup was interpreted",
        )
