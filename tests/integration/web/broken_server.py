"""A server whose engine fails with an error that quotes secrets and customers.

``python -m tests.integration.web.broken_server (engine … | streamlit …)`` runs it as it is run.
What the error quotes comes from the environment, TROUBLE, as nothing of it may stand in the code.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import NoReturn

from engine.auth.permitted import needs
from engine.crm import Crm
from engine.domain.permission import Permission


@needs(Permission.PEOPLE)
def broken(_crm: Crm, _customer_id: str) -> NoReturn:
    kept_in_a_local = os.environ["TROUBLE"]
    msg = f"it failed: {kept_in_a_local}"
    raise RuntimeError(msg) from KeyError(kept_in_a_local)


Crm.customer = broken  # type: ignore[method-assign, assignment]
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
