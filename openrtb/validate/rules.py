"""Every rule that validation can report, with its severity.

`SPEC_RULES` are normative rules of OpenRTB 2.6 and Native 1.2: what a sender must do is an error where it is not done,
what it should do a warning; stated facts that a document contradicts are warnings, and so are the rules in
`DEPRECATIONS`. `OWN_RULES` are not written down as a rule in the specifications but follow from them, or from what
receivers are known to refuse.
"""

from typing import Final, Literal

Severity = Literal["error", "warning", "info"]

SPEC_RULES: Final[dict[str, Severity]] = {
    # both documents
    "required-attribute": "error",
    "keywords-xor": "error",
    "language-xor": "warning",
    # request
    "req-id": "error",
    "req-imp-min-one": "error",
    "req-one-channel": "error",
    "req-at-custom": "warning",
    "req-seat-lists": "warning",
    "req-lang-lists": "warning",
    "req-acat-bcat": "warning",
    "schain-required": "error",
    "schain-hp": "warning",
    "schain-domains": "error",
    "regs-gdpr": "warning",
    "regs-us-privacy": "warning",
    "regs-gpp": "warning",
    "regs-gpp-prefix": "warning",
    "regs-gpc": "error",
    "imp-id-unique": "error",
    "imp-one-media": "error",
    "imp-dt": "warning",
    "qty-vendor": "error",
    "banner-size": "warning",
    "format-pair": "warning",
    "video-rqddurs": "error",
    "video-plcmt": "warning",
    "video-playbackmethod-first": "warning",
    "floors-one-form": "error",
    "durfloors-range": "error",
    "device-mccmnc": "error",
    "device-hash-ids": "warning",
    "geo-precision": "error",
    "user-yob-gender": "warning",
    "dooh-geo": "error",
    "native-request-string": "error",
    "native-asset-one-kind": "error",
    # response
    "resp-id": "error",
    "req-cur-list": "error",
    "req-wseat-enforce": "error",
    "req-category-taxonomy": "error",
    "req-badv": "error",
    "req-bapp": "error",
    "dsa-required": "error",
    "seatbid-min-one": "error",
    "seatbid-group": "warning",
    "bid-required": "error",
    "bid-impid": "error",
    "bid-price-cpm": "error",
    "bid-mtype": "warning",
    "bid-adomain": "warning",
    "bid-apis-over-api": "warning",
    "imp-multi-format": "error",
    "imp-floor": "error",
    "imp-secure": "error",
    "banner-size-match": "warning",
    "format-flex-response": "error",
    "battr-filter": "error",
    "api-list": "error",
    "mimes-list": "error",
    "video-protocols": "error",
    "video-duration-fit": "error",
    "video-linearity": "warning",
    "video-skip-player": "warning",
    "pod-dynamic-fit": "warning",
    "pod-dur-response": "warning",
    "pod-slotinpod-response": "warning",
    "pmp-private": "error",
    "deal-id-echo": "error",
    "deal-floor": "error",
    "deal-fixed-price": "warning",
    "deal-wseat": "error",
    "deal-wadomain": "error",
    "deal-guaranteed": "error",
    "native-assets-match": "error",
    "native-trackers": "error",
    "native-text-limits": "warning",
    "native-data-strings": "error",
    "native-link-required": "error",
}

DEPRECATIONS: Final = frozenset({"device-hash-ids", "user-yob-gender"})
"""Rules that forbid to send an attribute which earlier versions defined.

A deprecation speaks to the sender. The attribute harms no receiver, which ignores it, and much traffic still carries
it; so a request is not to be refused for it, and the finding is a warning although the specification says must.
"""

OWN_RULES: Final[dict[str, tuple[Severity, str]]] = {
    # both documents
    "attribute-range": ("error", "A number is outside what its attribute can mean: a negative size, a latitude of 91."),
    "range-order": ("error", "The low end of a range lies above its high end, so nothing can fit."),
    "enum-unknown": ("warning", "A code is in no version of its list and not in the vendor range; read it as unknown."),
    "too-many-findings": ("error", "There is more wrong than is worth listing; not everything was looked at."),
    "currency-code": ("warning", "A currency is three upper-case letters of ISO 4217."),
    "ext-unreadable": ("error", "An ext is not JSON in UTF-8, or nested too deeply to be read."),
    # request
    "consent-string": ("warning", "User.consent is a TCF v2 string: it begins with C and is Base64url."),
    "country-code": ("warning", "A country is three upper-case letters of ISO 3166-1."),
    "ip-address": ("warning", "An IP address cannot be read as one of its version."),
    "geo-pair": ("warning", "A latitude without a longitude, or the reverse, is no place."),
    "deal-id-unique": ("error", "Two deals of an imp share an id, so that a bid cannot tell which it means."),
    "pmp-no-deals": ("warning", "A private auction without a deal cannot have a valid bid."),
    "native-asset-id-unique": ("error", "Two assets share an id, so that an answer cannot tell which it means."),
    "native-context-subtype": ("error", "The context subtype belongs to another context."),
    "native-image-size": ("warning", "An image asset gives w or wmin, and h or hmin, and the image keeps to them."),
    # response
    "bid-id-unique": ("error", "Two bids share an id, so that a notice cannot tell which it means."),
    "bid-crid": ("warning", "Without a creative id the creative cannot be reviewed (loss reason 8)."),
    "bid-language": ("error", "The language of the creative is not among wlang or wlangb of the request."),
    "nbr-with-bids": ("warning", "A reason for not bidding stands beside bids."),
    "currency-rate-unknown": ("info", "Price and floor are in different currencies and no exchange rate was given."),
    "category-not-comparable": ("info", "Categories of the bid and of the block list are in different taxonomies."),
    "adomain-form": ("warning", "An advertiser domain is a bare domain, without scheme, path or space."),
    "dsa-content": ("error", "DSA transparency data break their limits, or nobody or both sides would render them."),
    "response-size": ("error", "The response is larger than the receiver takes."),
    "response-unwritable": ("error", "A text of the response holds what UTF-8 cannot: half of a surrogate pair."),
    "markup-missing": ("error", "There is neither adm nor nurl nor adid, so that there is nothing to show."),
    "markup-kind": ("error", "The markup is of another media type than the bid says or the imp offers."),
    "banner-markup": ("warning", "Banner markup without a tag shows as text at best."),
    "vast-xml": ("error", "Video and audio markup parses as XML, without a document type, and its root is VAST."),
    "vast-no-ad": ("warning", "The VAST document holds no ad."),
    "vast-protocol": ("warning", "Bid.protocol names another VAST version than the markup."),
    "native-markup": ("error", "Native markup is the JSON of a native response."),
    "macro-spelling": ("error", "What was meant as a substitution macro is misspelt and would stay as it is."),
}

SEVERITIES: Final[dict[str, Severity]] = SPEC_RULES | {rule: severity for rule, (severity, _) in OWN_RULES.items()}
