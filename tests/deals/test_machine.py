"""The whole life of registrations, step by step as chance has it, and what holds after each."""

from functools import partial

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import Database
from tests.deals.machine import Life
from tests.test_property import UNSHRUNK


def test_whatever_happens_rivals_are_treated_fairly_and_never_meet(app: Flask, database: Database) -> None:
    few = settings(max_examples=5, stateful_step_count=30, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
    run_state_machine_as_test(partial(Life, app, database), settings=few)
