from accounts.models import User
from accounts.services import relationships
from spaces.services import scheduling
from spaces.views import profile_tab
from tests.accounts.people import HTMX, browser_of
from tests.spaces.town import green_space, live_space


def test_it_lists_what_a_person_hosts_newest_first(maya: User, budi: User) -> None:
    over = live_space(maya, title="About rivers")
    scheduling.end(over, maya)
    live_space(maya, title="About rain")
    live_space(budi, title="Not hers")
    html = browser_of(budi).get("/@maya/spaces/").content.decode()
    main = html[html.index('id="main"') : html.index("</main>")]
    assert main.index("About rain") < main.index("About rivers")
    assert "Not hers" not in main


def test_it_hides_the_green_room_and_everything_across_a_block(maya: User, budi: User) -> None:
    green_space(maya, title="Not open yet")
    assert "Not open yet" not in browser_of(budi).get("/@maya/spaces/").content.decode()
    assert "Not open yet" in browser_of(maya).get("/@maya/spaces/").content.decode()
    relationships.block(maya, budi)
    assert "Not open yet" not in browser_of(budi).get("/@maya/spaces/").content.decode()


def test_it_pages_and_says_so_when_there_is_nothing(maya: User, budi: User) -> None:
    assert "No Spaces yet" in browser_of(budi).get("/@maya/spaces/").content.decode()
    for number in range(profile_tab.PAGE + 2):
        scheduling.end(live_space(maya, title=f"Evening {number}."), maya)
    html = browser_of(budi).get("/@maya/spaces/").content.decode()
    assert "Evening 2." in html and "Evening 1." not in html
    after = html.split("?after=")[1].split('"')[0]
    more = browser_of(budi).get(f"/@maya/spaces/?after={after}", headers=HTMX).content.decode()
    assert "Evening 1." in more and "Evening 0." in more and "Evening 2." not in more
    assert browser_of(budi).get("/@maya/spaces/?after=x").status_code == 400
