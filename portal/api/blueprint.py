"""The blueprint of the API and of the pages about it."""

from flask import Blueprint

bp = Blueprint("api", __name__)
