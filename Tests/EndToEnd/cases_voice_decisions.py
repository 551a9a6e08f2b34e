"""What an analyst decides about needs that are said: it holds after a reload, and nothing is shown before it is so."""

from urllib.parse import quote

from cases_accessibility import inspect
from harness import answer, case, check, expect, messages, settle, until

WORDS = messages("en")


def needs(site, query=""):
    """The needs on the board, most customers first."""
    return site.server.get(f"/v1/voice{query}")["needs"]


def address(need):
    return f"#/needs/said/{quote(need['need_id'], safe='')}"


def decide(page, action):
    page.locator(f"[data-decide={action}]").click()


def told(page, text):
    """Waits for the notice that an action gave."""
    expect(page.locator(".notice", has_text=text).first).to_be_visible()


@case("a need is renamed and confirmed; both hold after a reload and stand on the board")
def rename_and_confirm(site):
    need = needs(site)[0]
    name = "Bags that leak <b>air</b>"
    with site.page(address(need)) as page:
        decide(page, "rename")
        dialog = page.locator("#rename-dialog")
        expect(dialog.locator("button[value=yes]")).to_be_disabled()
        inspect(page, "the dialog of a new name")
        dialog.locator("#need-name").fill(name)
        dialog.locator("button[value=yes]").click()
        told(page, name)
        settle(page)
        expect(page.locator("main h1")).to_have_text(name)
        decide(page, "confirm")
        told(page, WORDS["decide.confirmed"])
        settle(page)
        expect(page.locator("main")).to_contain_text(WORDS["decide.state.confirmed"])
        page.reload()
        settle(page)
        expect(page.locator("main h1")).to_have_text(name)
        expect(page.locator("main")).to_contain_text(WORDS["decide.state.confirmed"])
        log = page.locator(".decisions li")
        check(log.count() >= 2, f"{log.count()} decisions are listed")
        expect(log.first).to_contain_text(WORDS["decide.did.confirm"])
        expect(page.locator(".decisions")).to_contain_text(name)
    with site.page("#/needs?view=said&status=confirmed", "zh") as page:
        row = page.locator("main tbody tr", has_text=name)
        expect(row).to_contain_text(messages("zh")["said.status.confirmed"])


@case("a decision that the server refuses changes nothing on the screen")
def refused(site):
    need = needs(site)[1]
    for status, text in ((403, WORDS["state.forbidden"]), (500, "The disk is full")):
        problem = {"title": "x", "status": status, "detail": "The disk is full"}
        with site.page(
            address(need),
            failing=True,
            prepare=lambda page: answer(page, "**/v1/voice/needs/*/decisions", problem, status),
        ) as page:
            decide(page, "rename")
            page.locator("#need-name").fill("Something else")
            page.locator("#rename-dialog button[value=yes]").click()
            told(page, text)
            expect(page.locator("main h1")).to_have_text(need["label"])


@case("needs that say the same are merged into one")
def merge(site):
    before = needs(site)
    kept, other = before[1], before[2]
    name = "Two that are one"
    with site.page(address(kept)) as page:
        decide(page, "merge")
        dialog = page.locator("#merge-dialog")
        expect(dialog.locator(".tick").first).to_be_visible()
        inspect(page, "the dialog of a merge")
        page.locator("#merge-filter").fill(other["label"])
        row = dialog.locator(".tick", has_text=other["label"]).first
        expect(row).to_be_visible()
        row.locator("input").check()
        dialog.locator("#merged-name").fill(name)
        dialog.locator("button[value=yes]").click()
        told(page, name)
        settle(page)
        expect(page.locator("main h1")).to_have_text(name)
        expect(page.locator(".decisions")).to_contain_text(WORDS["decide.did.rename"])
    after = {need["need_id"]: need for need in needs(site)}
    check(not {kept["need_id"], other["need_id"]} <= set(after), "both needs are still there")
    check(name in [need["label"] for need in after.values()], "the whole has another name")


@case("sentences of a need are split off as one of their own")
def split(site):
    need = max(needs(site), key=lambda one: one["statements"])
    with site.page(address(need)) as page:
        decide(page, "split")
        dialog = page.locator("#split-dialog")
        expect(dialog.locator(".tick").first).to_be_visible()
        go = dialog.locator("button[value=yes]")
        expect(go).to_be_disabled()
        for place in range(3):
            dialog.locator(".tick input").nth(place).check()
        expect(go).to_be_disabled()
        dialog.locator("#part-name").fill("A part of it")
        inspect(page, "the dialog of a split")
        go.click()
        told(page, "A part of it")
        settle(page)
        expect(page.locator(".decisions")).to_contain_text(WORDS["decide.did.split"])
    parts = [one for one in needs(site) if one["label"] == "A part of it"]
    check(len(parts) == 1, f"{len(parts)} needs carry the name of the part")
    check(parts[0]["statements"] == 3, f"the part has {parts[0]['statements']} sentences")


@case("a rejected need leaves the board and can be brought back")
def reject(site):
    # One that nobody has decided about: reopening would take an earlier name back as well.
    need = [one for one in needs(site) if not one["status"]][-1]
    with site.page(address(need)) as page:
        decide(page, "reject")
        page.locator("#confirm-dialog button[value=no]").click()
        expect(page.locator("[data-decide=reject]")).to_be_visible()
        check(need["need_id"] in {one["need_id"] for one in needs(site)}, "cancelling rejected it")
        decide(page, "reject")
        page.locator("#confirm-dialog button[value=yes]").click()
        told(page, WORDS["decide.rejected"])
        settle(page)
        expect(page.locator("main")).to_contain_text(WORDS["decide.state.rejected"])
    check(need["need_id"] not in {one["need_id"] for one in needs(site)}, "it is still on the board")
    with site.page("#/needs?view=said") as page:
        page.locator("a[href$='status=rejected']").click()
        settle(page)
        page.locator(f"main tbody a[href='{address(need)}']").first.click()
        settle(page)
        decide(page, "reopen")
        told(page, WORDS["decide.reopened"])
        settle(page)
        expect(page.locator("main")).to_contain_text(WORDS["decide.state.open"])
    check(need["need_id"] in {one["need_id"] for one in needs(site)}, "it did not come back")


@case("everything read again keeps what was decided")
def again(site):
    # Those that a person has named: the names of others follow their sentences.
    named = {"Bags that leak <b>air</b>", "Two that are one", "A part of it"}
    decided = {one["need_id"]: one["label"] for one in needs(site) if one["label"] in named}
    check(len(decided) == len(named), f"of those named before only {sorted(decided.values())} are left")
    with site.page("#/needs?view=said") as page:
        page.locator("[data-action=mine]").click()
        until(page, "document.querySelector('job-card') !== null || document.querySelector('[data-action=mine]')")
        expect(page.locator("main [data-action=mine]")).to_be_visible(timeout=60_000)
        settle(page)
    after = {one["need_id"]: one["label"] for one in needs(site)}
    for id, label in decided.items():
        check(after.get(id) == label, f"“{label}” is now {after.get(id)}")
