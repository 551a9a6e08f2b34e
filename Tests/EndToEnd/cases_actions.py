"""What can be done: import a file, train with live progress, fix a dead letter, promote."""

from urllib.parse import quote

from cases_accessibility import inspect
from harness import answer, case, check, expect, messages, settle, until

# Remembers every state a job card goes through, however short.
RECORD_JOBS = """
window.__states = [];
new MutationObserver((changes) => {
  for (const { target } of changes) if (target.dataset?.status) window.__states.push(target.dataset.status);
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-status'] });
window.__progress = [];
setInterval(() => {
  const bar = [...document.querySelectorAll('job-card progress')].find((one) => !one.hidden);
  if (bar) window.__progress.push(bar.value);
}, 20);
"""
PRESS_CANCEL = """() => {
  const watcher = new MutationObserver(() => {
    const button = document.querySelector('job-card [data-action=cancel-job]:not([hidden])');
    if (!button) return;
    watcher.disconnect();
    button.click();
  });
  watcher.observe(document.querySelector('main'), { subtree: true, childList: true, attributes: true });
}"""
IMPORT = (
    "event_id,kind,customer_id,item_id,timestamp,quantity,amount,currency,order_id\n"
    "e2e-1,purchase,e2e-new,coffee-1,2025-06-30T10:00:00Z,1,6.50,USD,e2e-o1\n"
    "e2e-2,purchase,e2e-new,tea-1,2025-06-30T10:00:00Z,2,8.40,USD,e2e-o1\n"
)


@case("training shows live progress and ends")
def training(site):
    with site.page("#/models", prepare=lambda page: page.add_init_script(RECORD_JOBS)) as page:
        before = page.locator("job-card").count()
        page.locator("[data-action=train]").click()
        # Until its own card is there, the first one is of an earlier job that is over.
        until(page, "window.__progress.length > 0", 120)
        expect(page.locator("job-card").first).to_have_attribute("data-status", "succeeded", timeout=300_000)
        settle(page)
        check(page.locator("job-card").count() > min(before, 9), "no job was added")
        states = page.evaluate("window.__states")
        check("succeeded" in states, f"the states seen were {states}")
        check(page.evaluate("window.__progress.length") > 0, "no progress was shown")
        check(page.locator("[data-action=train]").is_enabled(), "training cannot be started again")


@case("a job can be cancelled")
def cancelling(site):
    with site.page("#/models") as page:
        # Training a small shop is short: the button is pressed the moment it appears.
        page.evaluate(PRESS_CANCEL)
        page.locator("[data-action=train]").click()
        expect(page.locator("job-card").first).to_have_attribute("data-status", "cancelled", timeout=60_000)


@case("a file is previewed, corrected, imported")
def importing(site):
    with site.page("#/data/import", prepare=lambda page: page.add_init_script(RECORD_JOBS)) as page:
        page.set_input_files(
            "#import-file", {"name": "june.csv", "mimeType": "text/csv", "buffer": IMPORT.encode()}
        )
        mapping = page.locator("#import-mapping")
        expect(mapping).to_be_attached()
        check(mapping.input_value().strip(), "no mapping was guessed")
        expect(page.locator("main")).to_contain_text("customer_id")
        expect(page.locator("main")).to_contain_text("e2e-new")
        page.locator("[data-action=start-import]").click()
        expect(page.locator("job-card")).to_have_attribute("data-status", "succeeded", timeout=60_000)
        if site.server.is_own:
            found = site.server.get("/v1/events?customer_id=e2e-new")
            check(len(found["items"]) == 2, f"{len(found['items'])} events were stored instead of 2")


@case("a file with strange columns, in GB18030, is put right column by column")
def strange_columns(site):
    rows = [f"e2e-gb-{n},客户甲,2025/6/{n + 1} 10:00:00,{n + 1}.50元,coffee-1" for n in range(3)]
    columns = ["单据", "谁", "何时", "花了", "东西"]
    fields = ["order_id", "customer_id", "timestamp", "amount", "item_id"]
    # One broken time in twenty hides no column; in four it would.
    rows += [f"e2e-gb-x{n},客户丙,2025/6/4 11:{n:02d}:00,2元,tea-2" for n in range(20)]
    text = "\n".join([",".join(columns), *rows, "e2e-gb-9,客户乙,昨天,1.00元,tea-1"]) + "\n"
    with site.page("#/data/import", "zh") as page:
        page.set_input_files(
            "#import-file",
            {"name": "门店.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")},
        )
        expect(page.locator(".state.waiting")).to_contain_text(messages("zh")["import.incomplete"])
        start = page.locator("[data-action=start-import]")
        check(start.count() == 0, "a file that nobody understands can be started")
        inspect(page, "the import of a strange file")
        for column, field in zip(columns, fields):
            page.locator(f"select[data-column='{column}']").select_option(field)
        settle(page)
        expect(start).to_be_visible()
        mapping = page.locator("#import-mapping").input_value()
        check("yyyy/M/d" in mapping, f"the form of the time was not found: {mapping}")
        start.click()
        expect(page.locator("job-card")).to_have_attribute("data-status", "succeeded", timeout=60_000)
        page.locator("main a[href='#/data/dead-letters']", has_text="1").last.click()
        settle(page)
        expect(page.locator("main")).to_contain_text("昨天")
        if site.server.is_own:
            found = site.server.get("/v1/events?customer_id=" + quote("客户甲"))
            check(found["total"] == 3, f"{found['total']} events were stored instead of 3")


@case("a file that is none is refused in words")
def no_file_at_all(site):
    with site.page("#/data/import", failing=True) as page:
        page.set_input_files(
            "#import-file",
            {"name": "photo.csv", "mimeType": "text/csv", "buffer": bytes(range(256)) * 16},
        )
        expect(page.locator("main [role=alert]")).to_contain_text("photo.csv")


@case("a failed job says what to do")
def failed_job(site):
    job = {
        "job_id": "j1",
        "kind": "training",
        "status": "failed",
        "error": "There are too few orders.",
        "created_at": "2025-06-30T10:00:00Z",
    }
    with site.page(
        "#/models", prepare=lambda page: answer(page, "**/v1/jobs?*", {"items": [job], "total": 1})
    ) as page:
        card = page.locator("job-card")
        expect(card).to_contain_text("There are too few orders.")
        expect(card).to_contain_text(messages("en")["jobs.next.training"])


@case("a dead letter is refused, fixed, replayed; another is discarded")
def dead_letters(site):
    words = messages("en")
    with site.page("#/data/dead-letters") as page:
        letters = page.locator("details[data-letter]")
        broken = None
        for index in range(letters.count()):
            letter = letters.nth(index)
            letter.locator("summary").click()
            if (
                "not-a-date" in letter.locator("textarea").input_value()
                and letter.locator("[data-action=replay]").count()
            ):
                broken = letter
                break
        check(broken is not None, "no open letter with the broken time")
        broken.locator("[data-action=replay]").click()
        expect(broken.locator(".warn-text")).to_contain_text(
            words["dead.rejectedAgain"].split("{")[0].strip()
        )
        raw = broken.locator("textarea")
        raw.fill(raw.input_value().replace("not-a-date", "2025-06-29T10:00:00Z"))
        broken.locator("[data-action=replay]").click()
        expect(broken.locator("summary")).to_contain_text(words["dead.status.replayed"])
        expect(page.locator(".notices")).to_contain_text("taken in")
        other = page.locator("details[data-letter]:has([data-action=discard])").first
        if other.get_attribute("open") is None:
            other.locator("summary").click()
        identifier = other.get_attribute("data-letter")
        other.locator("[data-action=discard]").click()
        expect(page.locator(f"details[data-letter='{identifier}'] summary")).to_contain_text(
            words["dead.status.discarded"]
        )


@case("promoting asks first, and can be declined")
def promoting(site):
    with site.page("#/models") as page:
        button = page.locator("[data-action=promote], [data-action=roll-back]:not([disabled])").first
        if button.count() == 0:
            check(
                page.get_by_text(messages("en")["models.noEarlier"]).count() > 0,
                "no model can be promoted or rolled back",
            )
            return
        posted = []
        page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
        button.click()
        expect(page.locator("#confirm-dialog")).to_be_visible()
        page.locator("#confirm-dialog button[value=no]").click()
        expect(page.locator("#confirm-dialog")).to_have_count(0)
        check(not posted, f"declining sent {posted}")
        button.click()
        page.locator("#confirm-dialog button[value=yes]").click()
        expect(page.locator(".notices .notice")).to_be_visible()
        check(len(posted) == 1, f"agreeing sent {posted}")
        check(page.locator(".notice.error").count() == 0, page.locator(".notices").inner_text())
