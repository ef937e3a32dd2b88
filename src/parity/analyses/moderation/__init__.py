"""Effects of a regressor by the value of a moderator, also through a mediator; here and in R.

Imports what analyses share.
"""
