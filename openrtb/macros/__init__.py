"""Substitution macros: `${AUCTION_PRICE}` and its kin in notice URLs and markup (OpenRTB 2.6, 4.4).

The bidder leaves tokens in a text, `${NAME}` or `${NAME:X}` where X names an encoding. The exchange replaces them as
plain text: names are matched literally, and a value it does not have becomes the empty string.

An exchange expands (`expand`); a checker lists the tokens (`find`) and what was meant as a token but would stay as it
is (`misspelt`); a bidder reads what came back (`read_price`, `from_base64`). Each takes time linear in its text.
"""

from openrtb.macros.encoding import ENCODINGS, Encodings, from_base64, to_base64
from openrtb.macros.expansion import Context, expand
from openrtb.macros.price import Price, PriceKind, read_price
from openrtb.macros.spelling import Misspelt, Problem, misspelt
from openrtb.macros.token import Found, Macro, find

__all__ = [
    "ENCODINGS",
    "Context",
    "Encodings",
    "Found",
    "Macro",
    "Misspelt",
    "Price",
    "PriceKind",
    "Problem",
    "expand",
    "find",
    "from_base64",
    "misspelt",
    "read_price",
    "to_base64",
]
