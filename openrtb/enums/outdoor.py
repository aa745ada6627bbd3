"""Digital out-of-home: venues and the multiplier of their audience."""

from enum import IntEnum


class DOOHMultiplierMeasurementSourceTypes(IntEnum):
    """`Qty.sourcetype`: who measured the multiplier (AdCOM 1.0)."""

    UNKNOWN = 0
    MEASUREMENT_VENDOR = 1
    PUBLISHER = 2
    EXCHANGE = 3


class DOOHVenueTaxonomies(IntEnum):
    """`DOOH.venuetypetax` (AdCOM 1.0)."""

    ADCOM = 0  # deprecated: `DOOHVenueTypes`
    OPENOOH_1_0 = 1
    DPAA = 2
    DMI_1_1 = 3
    OMA_2022 = 4
    OPENOOH_1_1 = 5


class DOOHVenueTypes(IntEnum):
    """`DOOH.venuetype` when `venuetypetax` is 0 (AdCOM 1.0, removed). 500 and above: vendor-specific."""

    AIRBORNE = 1
    AIRPORTS = 2
    AIRPORTS_BAGGAGE_CLAIM = 3
    AIRPORTS_TERMINAL = 4
    AIRPORTS_LOUNGES = 5
    ATMS = 6
    BACKLIGHTS = 7
    BARS = 8
    BENCHES = 9
    BIKE_RACKS = 10
    BULLETINS = 11
    BUSES = 12
    CAFES = 13
    CASUAL_DINING = 14
    CHILD_CARE = 15
    CINEMA = 16
    CITY_INFORMATION_PANELS = 17
    CONVENIENCE_STORES = 18
    WILD_POSTING = 19
    DOCTORS_OFFICES = 20
    DOCTORS_OFFICES_OBSTETRICS = 21
    DOCTORS_OFFICES_PEDIATRICS = 22
    FAMILY_ENTERTAINMENT = 23
    FERRIES = 24
    FINANCIAL_SERVICES = 25
    GAS_STATIONS = 26
    GOLF_COURSES = 27
    GYMS = 28
    HOSPITALS = 29
    HOTELS = 30
    JUNIOR_POSTERS = 31
    KIOSKS = 32
    MALLS = 33
    MALLS_FOOD_COURTS = 34
    MARINE = 35
    MOBILE_BILLBOARDS = 36
    MOVIE_THEATER_LOBBIES = 37
    NEWSSTANDS = 38
    OFFICE_BUILDINGS = 39
    PHONE_KIOSKS = 40
    POSTERS = 41
    QSR = 42  # quick-service restaurants
    RAIL = 43
    RECEPTACLES = 44
    RESORTS = 45
    RETAIL = 46
    SALONS = 47
    SHELTERS = 48
    SPORTS_ARENAS = 49
    SUBWAY = 50
    TAXIS = 51
    TRUCKSIDE = 52
    UNIVERSITIES = 53
    URBAN_PANELS = 54
    VETERINARIAN_OFFICES = 55
    WALLS = 56
    OTHER = 57
