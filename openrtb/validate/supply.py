"""Rules on the supply chain: `SupplyChainNode`. What a chain and a node must hold is in `attributes`."""

from collections.abc import Iterator

from openrtb.request import SupplyChainNode
from openrtb.validate.finding import Finding, finding, shown


def check_node(node: SupplyChainNode, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.26; the SupplyChain object specification."""
    if node.hp is None:
        yield finding("schain-hp", f"{path}.hp", "hp is missing; it is 1 in version 1.0")
    elif node.hp == 0:
        yield finding("schain-hp", f"{path}.hp", "0, but in version 1.0 every node is in the payment flow: 1")
    for name in ("asi", "domain"):
        value = getattr(node, name)
        if value and any(part in value for part in ("/", ":", " ")):
            message = f'{shown(value)} is not a bare domain, such as "exchange.com"'
            yield finding("schain-domains", f"{path}.{name}", message)
