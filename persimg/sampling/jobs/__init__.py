"""Jobs: many tasks over many processes, none lost and none done twice.

manifest → tasks → ledger (what is done) → leases (who does what) → coordinator ⇄ workers → pictures.
"""
