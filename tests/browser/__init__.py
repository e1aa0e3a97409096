"""Proofs in real browsers against the real processes; nothing is mocked.

voices       microphones and cameras made by the tests: a tone and a colour for each person
chromium     one Chromium process for each voice, one for those who only listen
instruments  JavaScript that measures what a page plays and shows; the page does not know of it
people       verbs and senses of a person at a browser; every selector of the product is here
town         hands out people with accounts nobody used before
shots        pictures of every page and room state: `python -m tests.browser.shots FOLDER`
"""
