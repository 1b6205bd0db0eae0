"""The jobs of bench/keyed.flow and bench/ten.flow as batch queries of DuckDB.

Usage: run.py keyed|window INPUT OUTPUT
"""

import sys

import duckdb

QUERIES = {
    "keyed": """
        SELECT "user", count(*) OVER w AS count, sum(price) OVER w AS sum, max(price) OVER w AS most
        FROM events
        WINDOW w AS (PARTITION BY "user" ORDER BY id ROWS UNBOUNDED PRECEDING)
    """,
    "window": """
        SELECT
            "user" AS key,
            strftime(start, '%Y-%m-%dT%H:%M:%SZ') AS start,
            strftime(start + INTERVAL 10 SECOND, '%Y-%m-%dT%H:%M:%SZ') AS "end",
            {'n': n, 'sum': sum, 'most': most} AS value
        FROM (
            SELECT "user", time_bucket(INTERVAL 10 SECOND, "at") AS start, count(*) AS n, sum(price) AS sum, max(price) AS most
            FROM events
            GROUP BY ALL
        )
    """,
}


def main():
    job, source, target = sys.argv[1:]
    db = duckdb.connect()
    db.execute("SET threads = 1")
    columns = "{'id': 'BIGINT', 'user': 'VARCHAR', 'price': 'BIGINT', 'at': 'TIMESTAMP'}"
    db.execute(f"CREATE VIEW events AS SELECT * FROM read_json({text(source)}, format = 'newline_delimited', columns = {columns})")
    db.execute(f"COPY ({QUERIES[job]}) TO {text(target)} (FORMAT json)")


def text(value):
    return "'" + value.replace("'", "''") + "'"


main()
