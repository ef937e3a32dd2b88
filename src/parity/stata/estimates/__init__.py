"""Estimation commands read into requests, and requests into specs of parity."""
