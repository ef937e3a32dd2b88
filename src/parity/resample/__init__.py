"""Inference by resampling whole clusters, on the cross-products of `parity.moments`."""
