"""What an app declares, so that those below it work with what they cannot import.

    kinds         `ThingKind`: all that notifications, reports, copies of data and link cards need
                  of one kind of thing (a post, a Space)
    extension     `Extension`: an app's kinds, and what it puts on profiles, avatars and tabs
    registry      `register(EXTENSION)`, called by each AppConfig.ready(), and who asks for what
    profile_tabs, avatar_rings, data_export
                  the types of single fields

No field of `ThingKind` or `Extension` has a default: an app that forgets one fails in mypy and at
start, and one that has nothing to say writes `None` or `()`.
"""
