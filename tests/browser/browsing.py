"""Getting about the site, accounts and posts: what people do outside of rooms."""

from contextlib import suppress

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Response, expect

from tests.browser.screen import PATIENCE_S, Screen

PASSWORD = "parley-demo"


class Browsing(Screen):
    """Somebody in a browser window of their own."""

    def __init__(self, window: BrowserContext, site: str, handle: str) -> None:
        super().__init__(window.new_page())
        window.set_default_timeout(PATIENCE_S * 1000)
        window.set_default_navigation_timeout(PATIENCE_S * 1000)
        self.window = window
        self.site = site
        self.handle = handle
        self.room_url = ""

    # Getting about

    def opens(self, path: str) -> int:
        """Go to an address of the site; return the HTTP status."""
        answer = self.page.goto(path if path.startswith("http") else self.site + path)
        return answer.status if answer else 0

    def path(self) -> str:
        return self.page.url.removeprefix(self.site)

    def goes_to(self, place: str) -> None:
        """Click a link of the main navigation and wait until its page is there."""
        self.page.locator("#nav").get_by_role("link", name=place, exact=True).click()
        expect(self.page.locator("#nav [aria-current=page]")).to_contain_text(place)

    def opens_a_new_tab(self) -> None:
        self.page = self.window.new_page()

    def tab_crashes(self) -> None:
        """Kill the renderer: no goodbye, no close frame from the page."""
        with suppress(Error):
            self.page.goto("chrome://crash", timeout=5000)
        self.page.close()

    def settles(self) -> None:
        """Wait until nothing on the page is in motion."""
        self.page.wait_for_function(
            "() => document.getAnimations().every((one) => one.playState !== 'running'"
            # The pulse of "Live" never ends.
            " || one.effect.getComputedTiming().iterations === Infinity)"
        )

    def links(self) -> list[str]:
        """Return the addresses of our site that this page links to, without fragments."""
        found: list[str] = self.ask(
            "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
        )
        return sorted({link.split("#")[0] for link in found if link.startswith(self.site)})

    def notes_troubles(self) -> list[str]:
        """Return a list that grows with every console error, page error and failed request of this
        window.
        """
        troubles: list[str] = []

        def note(text: str) -> None:
            troubles.append(f"{self.path()} {text}")

        def on_console(line: ConsoleMessage) -> None:
            if line.type in ("error", "warning"):
                note(f"console: {line.text}")

        def on_response(answer: Response) -> None:
            if answer.status >= 400:
                note(f"{answer.url} answers {answer.status}")

        self.page.on("console", on_console)
        self.page.on("pageerror", lambda error: note(f"error: {error}"))
        self.page.on("response", on_response)
        return troubles

    # An account

    def logs_in(self, handle: str) -> None:
        self.opens("/account/login/")
        self.page.locator("[name=login]").fill(handle)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("main").get_by_role("button", name="Log in").click()
        self.page.wait_for_url(self.site + "/")
        self.handle = handle

    def signs_up(self, handle: str, address: str, password: str) -> None:
        self.opens("/account/signup/")
        self.page.locator("[name=email]").fill(address)
        self.page.locator("[name=username]").fill(handle)
        self.page.locator("[name=password1]").fill(password)
        self.page.locator("main").get_by_role("button", name="Sign up").click()

    def enters_the_code(self, code: str) -> None:
        self.page.locator("[name=code]").fill(code)
        self.page.locator("main form:has([name=code]) button[type=submit]").first.click()

    # Posts

    def posts(self, text: str) -> None:
        composer = self.page.locator("form[data-composer]").first
        composer.locator("textarea").fill(text)
        composer.locator("[data-send]").click()
        # A link at the end becomes a card.
        expect(self.post(text.split(" http")[0])).to_be_visible()

    def post(self, text: str) -> Locator:
        return self.page.locator("main article.post").filter(has_text=text).first

    def address_of_post(self, text: str) -> str:
        link = self.post(text).locator("a.post__when").get_attribute("href")
        assert link
        return link if link.startswith("http") else self.site + link
