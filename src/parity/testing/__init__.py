"""parity in other people's test suites: studies as tests, and an assertion on estimates."""
