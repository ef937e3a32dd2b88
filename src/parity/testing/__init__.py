"""parity in other people's test suites: studies as tests, and an assertion on estimates.

Imports everything but `cli`. Nothing else imports it.
"""
