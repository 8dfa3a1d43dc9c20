"""The suite. This file lets the tests import the project with no install."""
