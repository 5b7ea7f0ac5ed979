"""Where the pages about partners hang."""

from flask import Blueprint

bp = Blueprint("partners", __name__)
