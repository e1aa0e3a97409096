"""Who lives in the demo. The first five are for logging in; the others make the place lively."""

from dataclasses import dataclass

PASSWORD = "parley-demo"
ADDRESSES = "@parley.example"  # Of RFC 2606: nobody else has one.
JAKARTA = "Asia/Jakarta"


@dataclass(frozen=True)
class DemoPerson:
    """One demo account. Its portrait is static/img/people/<handle>.svg."""

    handle: str
    name: str
    bio: str
    time_zone: str = JAKARTA

    @property
    def email(self) -> str:
        return f"{self.handle}{ADDRESSES}"

    @property
    def portrait(self) -> str:
        return f"img/people/{self.handle}.svg"


LOG_INS = (
    DemoPerson(
        "alice",
        "Alice Hartono",
        "Radio producer. Collects voices and the rooms they were recorded in.",
    ),
    DemoPerson(
        "bob",
        "Bob Lindqvist",
        "Teaches physics, repairs bicycles, asks one question too many.",
        "Europe/Stockholm",
    ),
    DemoPerson(
        "carol",
        "Carol Mbeki",
        "Choir leader. If you can talk, you can sing.",
        "Africa/Johannesburg",
    ),
    DemoPerson(
        "dave", "Dave Sørensen", "Bakes at four, sleeps at eight. Rye, mostly.", "Europe/Copenhagen"
    ),
    DemoPerson("erin", "Erin Castillo", "Marine biologist on a very small boat.", "America/Lima"),
)

NEIGHBOURS = (
    DemoPerson(
        "maya",
        "Maya Okafor",
        "Hydrologist. Twelve years on one river. I host on Fridays, mostly I ask questions.",
    ),
    DemoPerson("hana", "Hana Prasetyo", "Writes about dams, water and the people downstream."),
    DemoPerson("budi", "Budi Santoso", "I record the Ciliwung every morning before it wakes up."),
    DemoPerson(
        "kirana",
        "Kirana Dewi",
        "Walks uphill with a camera, downhill with a notebook.",
        "Asia/Makassar",
    ),
    DemoPerson("lukas", "Lukas Brandt", "Rust for web people. Ask, wait, thank.", "Europe/Berlin"),
    DemoPerson(
        "ivan",
        "Ivan Kovač",
        "Builds instruments out of what the sea leaves behind.",
        "Europe/Zagreb",
    ),
    DemoPerson("noor", "Noor Aziz", "Grew up beside a dam. Civil engineer, on the other side now."),
    DemoPerson("dewa", "Dewa Mahendra", "Gamelan for beginners, ears only.", "Asia/Makassar"),
    DemoPerson("gita", "Gita Savira", "Night shift nurse. Ask me anything but the time."),
    DemoPerson("oki", "Oki Pranoto", "Night birds, live from a balcony."),
    DemoPerson("putri", "Putri Anggraini", "New here. Draws buses and the people on them."),
    DemoPerson(
        "jun", "Jun Takeda", "Reads with others. Organiser of the slow book circle.", "Asia/Tokyo"
    ),
    DemoPerson("ayu", "Ayu Lestari", "Tomatoes on the roof, podcasts in the ears."),
    DemoPerson("citra", "Citra Wulandari", "Cooks with cameras on. No recipe cards."),
    DemoPerson("eka", "Eka Rahma", "Grows chillies that scare my neighbours."),
    DemoPerson(
        "fajar", "Fajar Nugroho", "Ngopi pagi, kabar kampung. Morning coffee, village news."
    ),
)

EVERYBODY = (*LOG_INS, *NEIGHBOURS)

# Whom each of those who log in follows, so that every first home timeline is full and no two are
# the same.
FOLLOWS = {
    "alice": "bob carol erin maya hana budi kirana lukas noor gita ayu citra jun oki fajar",
    "bob": "alice dave maya lukas ivan jun noor gita oki putri",
    "carol": "alice erin maya dewa ivan citra kirana ayu hana",
    "dave": "alice bob citra eka jun gita fajar ayu",
    "erin": "alice carol maya budi kirana oki hana noor",
    "maya": "alice hana budi noor kirana lukas jun gita",
    "hana": "alice maya ayu budi kirana lukas ivan noor dewa citra jun fajar eka",
    "budi": "alice maya kirana oki erin fajar",
    "kirana": "alice budi maya hana ayu dewa",
    "lukas": "alice bob jun noor ivan hana",
    "ivan": "carol dewa lukas maya hana",
    "noor": "alice maya hana lukas ayu gita",
    "dewa": "carol ivan kirana hana citra",
    "gita": "alice bob jun noor citra maya",
    "oki": "alice budi erin kirana",
    "putri": "alice ayu hana jun kirana maya citra",
    "jun": "alice lukas gita ayu hana putri bob",
    "ayu": "alice maya hana kirana citra jun noor putri",
    "citra": "alice eka ayu dave hana dewa",
    "eka": "citra ayu fajar hana dave",
    "fajar": "alice budi citra hana ayu eka",
}
