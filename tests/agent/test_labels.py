"""Fields and tables with labels of any script: the model is shown the labels, and may write names or labels."""

import json

import pytest

from apps.tables import Field, Table
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Scope, check
from services.agent.prompt.row_lines import row_line
from services.agent.prompt.syntax import manual, tools

PLANT = Table(
    "pflanze",
    (
        Field("name", required=True, label="Name der Pflanze"),
        Field("faellig", label="fällig"),
        Field("gegossen", "boolean", label="gegossen?"),
    ),
    label="eine Blüte",
)
SCOPE = Scope("pflanzen", (PLANT,), ("pflanzen", "todo"))


def test_the_manual_and_the_rows_show_labels():
    text = manual([PLANT], ["pflanzen"])

    assert "fields: Name der Pflanze (text, required), fällig (text), gegossen? (true or false)." in text
    assert '"values": {"Name der Pflanze": "…"}' in text
    assert '"field": "gegossen?"' in text
    assert "faellig" not in text
    row = {"id": 3, "name": "Efeu", "faellig": "morgen", "gegossen": False}
    assert row_line(row, PLANT) == 'id 3: "Efeu", fällig: "morgen", gegossen?: no'


def test_native_tools_keep_the_names_that_servers_take_and_tell_the_labels():
    insert = tools([PLANT], ["pflanzen"])[0]["function"]["parameters"]["properties"]["values"]

    assert insert["properties"]["faellig"]["description"] == "fällig"


@pytest.mark.parametrize("table", ["pflanze", " PFLANZE", "eine Blüte", "EINE BLUTE"])
@pytest.mark.parametrize("field", ["faellig", "fällig", "Fällig", "FALLIG"])
def test_an_instruction_may_use_names_or_labels_in_any_case(table, field):
    written = {"operation": "insert", "table": table, "values": {"Name der Pflanze": "Efeu", field: "morgen"}}
    order = check(json.loads(json.dumps(written)), SCOPE).order

    assert (order.table, order.values) == ("pflanze", {"name": "Efeu", "faellig": "morgen"})


def test_conditions_switches_and_values_beside_the_operation_take_labels_too():
    flip = check({"operation": "toggle", "table": "pflanze", "id": 1, "field": "Gegossen?"}, SCOPE).order
    listed = check({"operation": "list", "table": "pflanze", "where": {"fällig": "heute"}}, SCOPE).order
    flat = check({"operation": "update", "table": "pflanze", "id": 1, "Fällig": "heute"}, SCOPE).order

    assert flip.values == {"field": "gegossen"}
    assert listed.where == {"faellig": "heute"}
    assert flat.values == {"faellig": "heute"}


def test_an_app_is_opened_in_any_case():
    assert check({"operation": "open", "app": "Todo"}, SCOPE).app == "todo"


def test_what_is_wrong_is_said_with_labels():
    with pytest.raises(BadInstruction, match="It has: Name der Pflanze, fällig, gegossen"):
        check({"operation": "insert", "table": "pflanze", "values": {"wann": "x"}}, SCOPE)
    with pytest.raises(BadInstruction, match="needs `Name der Pflanze`"):
        check({"operation": "insert", "table": "pflanze", "values": {"fällig": "x"}}, SCOPE)
