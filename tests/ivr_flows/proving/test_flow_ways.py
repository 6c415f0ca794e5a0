"""The shortest call to a violation, as nodes that can be shown on a drawing."""

from __future__ import annotations

from pathlib import Path

from ivr_flows.loading import LIBRARY, parse
from ivr_flows.proving.proof import prove
from ivr_flows.proving.requirements import Requirements


def test_a_violation_names_the_nodes_of_its_call_from_the_start_to_the_fault() -> None:
    text = Path(LIBRARY / "recado.yaml").read_text("utf-8").replace("Bonjour !", "Vous devez de l'argent :")
    text = text.replace('"Hello! This is {caller_name|name}."', '"Hello!"')
    flow = parse(text, "recado.yaml")
    proof = prove(flow, [Requirements("US", "US")])
    assert not proof.proven
    called = [one for one in proof.violations if one.way]
    assert called
    for one in called:
        assert one.path[0] in (flow.start, flow.exits["machine"], flow.exits["fax"])
        assert set(one.path) <= set(flow.nodes)
