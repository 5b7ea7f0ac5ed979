"""How Jinja is set up: what its own way costs too much of a page's time for."""

from typing import Any

import flask.templating
import jinja2


class Template(jinja2.Template):
    """One whose macros are imported without a look at what the page was given: ours see their arguments alone."""

    def _get_default_module(self, ctx: object = None) -> Any:
        return super()._get_default_module()


class Environment(flask.templating.Environment):
    template_class = Template
