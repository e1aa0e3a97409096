"""Proofs in real browsers against the real processes; nothing is mocked.

voices       microphones and cameras made by the tests: a tone and a colour for each person
chromium     one Chromium process for each voice, one for those who only listen
instruments  JavaScript that measures what a page plays and shows; the page does not know of it
screen       what one page shows and plays, measured
browsing     getting about the site: addresses, accounts, posts
knowing      what a page knows of its room, its devices and its connections
people       verbs of a person in a room; every selector of the product is in these four
town         hands out people with accounts nobody used before
shots        pictures of every page and room state: `python -m tests.browser.shots FOLDER`
"""
