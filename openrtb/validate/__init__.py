"""What is wrong with a request, or with the response to it, as findings that a person can act on.

    for finding in validate_request(request):
        print(finding)      # error: $.imp[0].video.mimes: Video.mimes is missing or empty; ... [required-attribute]

Nothing is raised and nothing is changed. `rules` lists every rule with its severity.
"""

from openrtb.validate.finding import Finding
from openrtb.validate.request import validate_request
from openrtb.validate.response import validate_response
from openrtb.validate.rules import OWN_RULES, SPEC_RULES, Severity

__all__ = ["OWN_RULES", "SPEC_RULES", "Finding", "Severity", "validate_request", "validate_response"]
