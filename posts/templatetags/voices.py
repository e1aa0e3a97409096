"""Template tags of voice clips: the drawing of the sound, and how long it is."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from config.limits import LIMITS

register = template.Library()

# Units of the drawing, as in the design.
BAR = 3
STEP = 5
HEIGHT = 36
LOWEST = 2  # Silence is seen as a line of dots.


@register.simple_tag
def wave(bars: list[int]) -> SafeString:
    """Draw numbers from 0 to 100 as bars, as static/js/voice/waveform.js does."""
    rows = []
    for place, bar in enumerate(bars):
        tall = max(LOWEST, round((HEIGHT - 2) * bar / 100, 1))
        rows.append((place * STEP, round((HEIGHT - tall) / 2, 1), BAR, tall))
    drawn = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" rx="1.5"/>', rows)
    return format_html('<svg class="wave" viewBox="0 0 288 36" aria-hidden="true">{}</svg>', drawn)


@register.filter
def clock(seconds: int) -> str:
    """42 as 0:42."""
    return f"{seconds // 60}:{seconds % 60:02}"


@register.simple_tag
def voice_seconds() -> int:
    """The longest recording; the recorder counts down from it."""
    return LIMITS.voice_clip_s
