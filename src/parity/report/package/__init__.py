"""Reports of a replication package, one file a format; pure over `parity.package.document`."""
