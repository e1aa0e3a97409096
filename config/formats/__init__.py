"""How dates and times are written where Django's own way does not fit the rest of the site
(FORMAT_MODULE_PATH).
"""
