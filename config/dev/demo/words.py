"""What the people of the demo said: texts, answers, and who liked them.

Times are hours before the seeding.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """One post. `{space:key}` in the text becomes the address of the demo Space `key`."""

    author: str
    hours_ago: float
    text: str
    liked_by: str = ""
    reposted_by: str = ""
    answers: tuple["Said", ...] = ()
    # A poll: each option with the handles of who voted for it.
    poll: tuple[tuple[str, str], ...] = ()


POSTS = (
    Said(
        "ayu",
        0.2,
        "Repotting tomatoes with Maya's last Space in my ears. The upstream villages gave me "
        "goosebumps.",
        "maya hana kirana alice noor putri",
        "putri",
        (Said("maya", 0.1, "@ayu the jar will be on the table, promise.", "ayu alice"),),
    ),
    Said(
        "budi",
        0.6,
        "Half past five at the Ciliwung. The water is low and clear, and on the left bank: a "
        "kingfisher, the first I have heard here in nine years. #CiliwungBersih",
        "maya kirana hana oki erin alice fajar",
        "maya",
        (
            Said("oki", 0.5, "Nine years! Please say you had the recorder running.", "budi"),
            Said(
                "budi",
                0.4,
                "@oki forty-two seconds of it. I have listened to it eleven times.",
                "oki kirana alice",
            ),
        ),
    ),
    Said(
        "kirana",
        1,
        "Terrace at six, sea at seven. Same walk, one hour apart.",
        "budi hana ayu dewa carol erin",
    ),
    Said(
        "maya",
        2,
        "Soon, at eight: how we got our river back, with the story of the jar. Bring someone who "
        "thinks rivers cannot be mended. #CiliwungBersih {space:river}",
        "hana budi alice ayu noor kirana lukas erin carol putri",
        "hana budi",
        (
            Said("alice", 1.8, "Reminder set. May I bring my whole newsroom?", "maya"),
            Said(
                "noor",
                1.5,
                "I will be the one with the difficult question about 1998.",
                "maya hana alice",
            ),
        ),
    ),
    Said(
        "jun",
        2.2,
        "The slow book circle needs a night: Tuesday, Thursday or Sunday afternoon? Say it here, "
        "loudest weekday wins.",
        "ayu putri bob",
        "",
        (
            Said("bob", 2.1, "Tuesday. I own Thursdays to the bicycle kitchen.", "jun"),
            Said(
                "putri", 1.9, "Sunday! The bus is empty on Sundays and I can read aloud.", "jun ayu"
            ),
            Said(
                "gita",
                1.2,
                "Any night that starts after my shift, so none. Tuesday then.",
                "jun putri",
            ),
        ),
        (
            ("Tuesday, 20:00", "bob maya hana lukas erin carol gita"),
            ("Thursday, 20:00", "noor dewa kirana"),
            ("Sunday, 16:00", "putri ayu"),
        ),
    ),
    Said(
        "citra",
        3,
        "Bring your own mortar. We cook together, cameras welcome, no recipe cards. "
        "{space:sambal} #sambal",
        "eka ayu dave hana dewa alice carol",
        "eka",
        (
            Said(
                "eka", 2.8, "I bring the chillies. I also bring the milk. #sambal", "citra dave ayu"
            ),
        ),
    ),
    Said(
        "erin",
        3.5,
        "Day four, 11 knots, one very curious sunfish. It looked at us the way people look at "
        "buses.",
        "alice carol oki putri",
    ),
    Said(
        "dave",
        4,
        "The rye that failed on Monday is the best toast of the year. Some bread only needs a "
        "second career.",
        "bob citra alice eka",
    ),
    Said(
        "lukas",
        8,
        "A good Space is one where the host talks least. Three rules on my wall: ask, wait, thank.",
        "noor jun alice hana bob maya",
        "noor",
        (Said("noor", 5, "This. The host who stays quiet is doing the work.", "lukas alice hana"),),
    ),
    Said(
        "putri",
        9,
        "Drew the 4A at rush hour. Everybody looks at a phone except one man who looks at a fish.",
        "ayu jun hana kirana alice",
    ),
    Said(
        "fajar",
        10,
        "Ngopi pagi: jembatan kecil sudah selesai, ayam Pak Darto sudah kembali, kopi masih panas.",
        "budi ayu citra eka",
    ),
    Said(
        "ivan",
        12,
        "Found: one ship's plank, cedar, three metres. By spring it will be a bass.",
        "carol dewa lukas hana",
    ),
    Said(
        "gita",
        20,
        "Thank you to everyone who stayed until the end last night. To the one who asked about "
        "fear: me too, every shift. #nightshift",
        "alice bob jun noor citra maya hana",
        "alice",
    ),
    Said(
        "carol",
        22,
        "Choir tip for talkers: breathe before the microphone is on, not after. The room hears "
        "the difference.",
        "alice ivan dewa maya erin",
        "alice",
        (Said("alice", 21, "Printing this and taping it to every desk at the station.", "carol"),),
    ),
    Said(
        "noor",
        24,
        "Walked the old spillway with my father. He counted steps, I counted cracks. We were both "
        "right.",
        "maya hana lukas ayu",
    ),
    Said(
        "oki",
        26,
        "02:14, scops owl. 02:40, scooter. 03:05, scops owl again, offended. #nightshift",
        "budi erin kirana alice",
    ),
    Said(
        "dewa",
        28,
        "In gamelan nobody is the lead. You listen until you know when. For ears only: "
        "{space:gamelan}",
        "carol ivan hana kirana citra",
    ),
    Said(
        "bob",
        30,
        "My pupils asked why the sky is dark at night. We spent two lessons on it and nobody "
        "looked at the clock.",
        "alice jun lukas dave",
    ),
    Said(
        "hana",
        32,
        "Notes for the next one: who decided when the gates were opened? Officially the "
        "ministry. In practice one man with a telephone.",
        "maya noor alice ayu kirana",
    ),
    Said(
        "eka",
        34,
        "The orange ones are not decoration. I repeat: the orange ones are not decoration. #sambal",
        "citra dave fajar ayu",
    ),
    Said(
        "maya",
        36,
        "Gauge at the old bridge: two hands above the 2019 mark. You can hear the difference "
        "before you see it. #CiliwungBersih",
        "budi hana noor erin kirana",
    ),
    Said(
        "alice",
        40,
        "Looking for: the quietest room in your town, and what it sounds like. I will bring the "
        "microphone.",
        "carol budi oki jun",
        "carol",
        (
            Said(
                "budi",
                39,
                "The pump house at Katulampa, between two and three. Bring a jacket.",
                "alice maya",
            ),
            Said("erin", 38, "Under the boat.", "alice oki carol"),
        ),
    ),
    Said(
        "kirana",
        44,
        "A notebook got wet, a page got printed on the next one. Best edit I had this year.",
        "ayu putri hana",
    ),
    Said(
        "dave",
        50,
        "If you knead while angry it shows. If you knead while sad it rises.",
        "carol citra eka alice jun",
    ),
    Said(
        "jun",
        60,
        "Chapter nine took us two hours and eleven pages of it were one sentence. Nobody left.",
        "gita bob lukas putri",
    ),
)

# Handle and words of what stands for a day; put up again at the next start.
FLEETS = (
    ("ayu", "Walked home the long way. The jasmine by the station is out."),
    ("dewa", "Last bus, one seat, two drummers."),
    ("noor", "Forty pages left and I am reading slower on purpose."),
    ("putri", "The ink took eleven minutes to dry. I counted."),
    ("maya", "Gauge before breakfast: one hand lower than yesterday."),
)
