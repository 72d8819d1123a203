"""Colours told apart by everybody: Okabe and Ito, Color Universal Design, 2008."""

SKY_BLUE = "#56b4e9"
ORANGE = "#e69f00"
BLUISH_GREEN = "#009e73"
YELLOW = "#f0e442"
BLUE = "#0072b2"
VERMILLION = "#d55e00"
REDDISH_PURPLE = "#cc79a7"

PALETTE = {
    "sky-blue": SKY_BLUE,
    "orange": ORANGE,
    "bluish-green": BLUISH_GREEN,
    "yellow": YELLOW,
    "blue": BLUE,
    "vermillion": VERMILLION,
    "reddish-purple": REDDISH_PURPLE,
}
"""By the names under which the styles of pages know them, ``var(--sky-blue)``."""
