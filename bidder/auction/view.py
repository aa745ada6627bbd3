"""A request as targeting sees it: normalised values, worked out once and only where some campaign asks."""

from datetime import UTC, datetime, timedelta

from bidder.auction.agent import CONNECTIONS, DEVICE_TYPES, browser_of, os_of
from bidder.auction.keys import Values, above, bare, category_keys, host, tags, words
from bidder.auction.pace import draw
from openrtb.audience import Device, Geo
from openrtb.context import DOOH, App, Site
from openrtb.request import BidRequest

Topics = tuple[tuple[int, Values] | None, tuple[int, Values] | None]
"""Taxonomy and categories of the page or app, and of its content."""

_LONGEST_ZIP = 24
_NO_DEVICE, _NO_GEO, _NO_PLACE = Device(), Geo(), Site()


class View:
    """One request, asked for its targeting values by name; each is a tuple of keys, most exact first.

    What the request leaves out is there and empty: `view.geo.country` is `None` also where there is no device.
    """

    __slots__ = (
        "_browser",
        "_system",
        "device",
        "exchange",
        "geo",
        "lot",
        "now",
        "personal",
        "place",
        "providers",
        "request",
        "user",
    )

    def __init__(self, request: BidRequest, exchange: str, now: float, *, personal: bool) -> None:
        self.request = request
        self.exchange = exchange
        self.now = now
        self.lot = draw(request.id)
        self.personal = personal
        self.user = request.user
        self.device = device = request.device or _NO_DEVICE
        self.geo: Geo = device.geo or _NO_GEO
        """Where the device is; the user's home does not say where the ad is seen."""
        self.place: Site | App | DOOH = request.site or request.app or request.dooh or _NO_PLACE
        self.providers: frozenset[str] | None = None
        """Providers of data by which segments are told apart; `None`: all, since nobody has said which ones matter."""
        self._system: tuple[str, str] | None = None
        self._browser: str | None = None

    @property
    def system(self) -> tuple[str, str]:
        """Name and version of the operating system; empty where unknown."""
        if self._system is None:
            self._system = os_of(self.device)
        return self._system

    @property
    def system_name(self) -> str:
        """Name of the operating system; empty where unknown."""
        return self.system[0]

    @property
    def browser(self) -> str:
        """Name of the browser; empty where unknown."""
        if self._browser is None:
            self._browser = browser_of(self.device)
        return self._browser

    @property
    def environment(self) -> str:
        """`app`, `site` or `dooh`; empty where the request says nothing."""
        request = self.request
        if request.app is not None:
            return "app"
        return "site" if request.site is not None else "dooh" if request.dooh is not None else ""

    @property
    def domain(self) -> str | None:
        """The domain of the page or app as sent, else of the page's address."""
        place = self.place
        return place.domain or (host(place.page) if isinstance(place, Site) and place.page else None)

    @property
    def site_id(self) -> str | None:
        site = self.request.site
        return site.id if site is not None else None

    @property
    def app_id(self) -> str | None:
        app = self.request.app
        return app.id if app is not None else None

    @property
    def bundle(self) -> str | None:
        app = self.request.app
        return app.bundle if app is not None else None

    @property
    def publisher_id(self) -> str | None:
        publisher = self.place.publisher
        return publisher.id if publisher is not None else None

    @property
    def topics(self) -> Topics:
        """The lists of categories in the request, each with its taxonomy."""
        place = self.place
        content = place.content
        about = (content.cattax, tuple(content.cat)) if content is not None and content.cat else None
        if isinstance(place, DOOH):
            return None, about
        lists = (*(place.cat or ()), *(place.sectioncat or ()), *(place.pagecat or ()))
        return (place.cattax, lists) if lists else None, about

    def exchanges(self) -> Values:
        return (self.exchange,)

    def environments(self) -> Values:
        return (self.environment,) if self.environment else ()

    def countries(self) -> Values:
        country = self.geo.country
        return (country.upper(),) if country else ()

    def regions(self) -> Values:
        return self._in_country(self.geo.region)

    def metros(self) -> Values:
        metro = self.geo.metro
        return (metro,) if metro else ()

    def cities(self) -> Values:
        return self._in_country(self.geo.city)

    def zips(self) -> Values:
        """The whole code and every beginning of it, as `USA/10*`."""
        exact = self._in_country(self.geo.zip)
        if not exact:
            return ()
        code = exact[0]
        if len(code) > _LONGEST_ZIP:
            return exact
        start = code.index("/") + 2
        return (code, *(f"{code[:end]}*" for end in range(len(code), start - 1, -1)))

    def _in_country(self, name: str | None) -> Values:
        country = self.geo.country
        return (f"{country}/{name}".casefold(),) if name and country else ()

    def device_types(self) -> Values:
        return DEVICE_TYPES.get(self.device.devicetype or 0, ())

    def oses(self) -> Values:
        name = self.system_name
        return (name,) if name else ()

    def browsers(self) -> Values:
        return (self.browser,) if self.browser else ()

    def connections(self) -> Values:
        return CONNECTIONS.get(self.device.connectiontype or 0, ())

    def languages(self) -> Values:
        tag = self.device.langb or self.device.language
        return tags(tag.lower().replace("_", "-")) if tag else ()

    def sites(self) -> Values:
        return (self.site_id,) if self.site_id else ()

    def domains(self) -> Values:
        """The domain of the page or app and those above it: `news.example.com`, `example.com`, `com`."""
        domain = self.domain
        return above(bare(domain)) if domain else ()

    def apps(self) -> Values:
        return (self.app_id,) if self.app_id else ()

    def bundles(self) -> Values:
        return (self.bundle.lower(),) if self.bundle else ()

    def publishers(self) -> Values:
        return (self.publisher_id,) if self.publisher_id else ()

    def categories(self) -> Values:
        """Category and taxonomy as `1:IAB3-1`, with the categories above it."""
        keys: list[str] = []
        for topics in self.topics:
            if topics is not None:
                for each in topics[1]:
                    keys += category_keys(topics[0], each)
        return tuple(keys)

    def keywords(self) -> Values:
        """Of page or app, content and user."""
        return words(self.place, self.place.content, self.user if self.personal else None)

    def content_keywords(self) -> Values:
        """Of page or app and content alone."""
        return words(self.place, self.place.content)

    def segment_count(self) -> int:
        """How many segments of the user may be used."""
        if self.user is None or not self.personal or not self.user.data:
            return 0
        return sum(len(data.segment) for data in self.user.data if data.segment)

    def segments(self) -> Values:
        if self.user is None or not self.personal:
            return ()
        keys: list[str] = []
        providers = self.providers
        for data in self.user.data or ():
            ids = [segment.id for segment in data.segment or () if segment.id]
            keys += ids
            for provider in (data.id, data.name):
                if provider and (providers is None or provider in providers):
                    keys += [f"{provider}/{each}" for each in ids]
        return tuple(keys)

    def ages(self) -> Values:
        user = self.user
        if user is None or not user.yob or not self.personal:
            return ()
        return (str(datetime.fromtimestamp(int(self.now), UTC).year - user.yob),)

    def genders(self) -> Values:
        user = self.user
        return (user.gender.upper(),) if user is not None and user.gender and self.personal else ()

    def user_hours(self) -> Values:
        """The hour of the week at the user's place, Monday midnight being 0."""
        minutes = self.geo.utcoffset
        if minutes is None or abs(minutes) > 24 * 60:
            return ()
        local = datetime.fromtimestamp(int(self.now), UTC) + timedelta(minutes=minutes)
        return (str(local.weekday() * 24 + local.hour),)
