"""The peers of `cargo xtask bench integrations` for models alone: DuckDB, and what a person writes with pandas.

Both read the files that the engine reads, and bring out the same rows in the same order. Starting Python and its packages is not
counted. The last line is JSON: rows, seconds, and the most memory that the process held, in MB.

Usage: peers.py duckdb|pandas FOLDER < the model
"""

import json
import resource
import sys
import time


def with_duckdb(folder, sql):
    import duckdb

    began = time.perf_counter()
    database = duckdb.connect()
    for table in ("zendesk_users", "service_users", "accounts"):
        database.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}.parquet')")
    # Columns in batches, as our own process passes them on; Python's own objects would cost more than the join.
    rows = sum(batch.num_rows for batch in database.sql(sql).to_arrow_reader(8192))
    return rows, time.perf_counter() - began


def with_pandas(folder, _sql):
    import pandas

    began = time.perf_counter()
    users = pandas.read_parquet(f"{folder}/zendesk_users.parquet", columns=["id", "email_key"])
    members = pandas.read_parquet(f"{folder}/service_users.parquet", columns=["account_id", "email_key"])
    accounts = pandas.read_parquet(f"{folder}/accounts.parquet")
    joined = users.merge(members, on="email_key").merge(accounts, left_on="account_id", right_on="backend_id")
    groups = joined.groupby("id")
    unified = groups.agg(company=("company", "min"), mrr=("mrr", "max"), contract_start=("start", "min"), accounts=("id", "size"))
    unified = unified.sort_index()
    return len(unified), time.perf_counter() - began


def main():
    which, folder = sys.argv[1:]
    rows, seconds = {"duckdb": with_duckdb, "pandas": with_pandas}[which](folder, sys.stdin.read())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": round(seconds, 3), "peak_mb": round(peak)}))


main()
