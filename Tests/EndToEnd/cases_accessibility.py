"""Names, headings, references, contrast and text sizes on every page, in both schemes."""

from pathlib import Path

from harness import answer, case, check, expect

RULES = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")

SETTLE_COLOURS = """() => Promise.all(document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().endTime < 9999)
  .map((animation) => animation.finished.catch(() => null)))"""


def inspect(page, where):
    # Colours that are still fading would be measured half-way.
    page.evaluate(SETTLE_COLOURS)
    found = page.evaluate(RULES)
    check(not found, f"{where}: " + "; ".join(found[:8]))


@case("each page passes the accessibility rules, light and dark")
def pages(site):
    for name, address in site.addresses().items():
        for language, scheme in (("en", "light"), ("zh", "dark")):
            with site.page(address, language, scheme=scheme) as page:
                inspect(page, f"{name} ({language}, {scheme})")


@case("table views, dialogs, search and errors pass the accessibility rules")
def transient(site):
    with site.page("#/today") as page:
        page.locator("chart-figure figcaption button").click()
        inspect(page, "chart as table")
        page.keyboard.press("?")
        inspect(page, "shortcuts")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("e")
        expect(page.locator("#search-results a").first).to_be_visible()
        inspect(page, "search results")
    problem = {"title": "x", "status": 500, "detail": "The disk is full"}
    for scheme in ("light", "dark"):
        with site.page(
            "#/today",
            scheme=scheme,
            failing=True,
            prepare=lambda page: answer(page, "**/v1/overview", problem, 500),
        ) as page:
            inspect(page, f"error ({scheme})")


@case("the rules find what is wrong")
def rules_can_fail(site):
    with site.page("#/today") as page:
        page.evaluate("""() => {
          const main = document.querySelector('main');
          main.append(document.createElement('button'), document.createElement('h1'));
          const faint = document.createElement('p');
          faint.textContent = 'faint';
          faint.style.color = 'rgb(200, 200, 200)';
          faint.style.background = 'white';
          main.append(faint);
        }""")
        found = " ".join(page.evaluate(RULES))
        for expected in ("no name", "contrast", "one h1"):
            check(expected in found, f"the rules missed: {expected}")
