"""Evaluates conditions over rows with DuckDB, for the test that compares our evaluation with it.

Reads {"columns": [name], "rows": [[text or null]], "conditions": [text]} from standard input and
writes one list of true, false or null per condition.
"""
import json
import sys

import duckdb


def main():
    job = json.load(sys.stdin)
    database = duckdb.connect()
    # Division by zero is NULL; how that is asked for depends on the version.
    for setting in ("ieee_floating_point_ops", "error_on_division_by_zero"):
        try:
            database.execute(f"SET {setting} = false")
        except duckdb.CatalogException:
            pass
    columns = ", ".join(f"{name} VARCHAR" for name in job["columns"])
    database.execute(f"CREATE TABLE records (id INTEGER, {columns})")
    places = ", ".join("?" for _ in range(len(job["columns"]) + 1))
    rows = [[index, *row] for index, row in enumerate(job["rows"])]
    database.executemany(f"INSERT INTO records VALUES ({places})", rows)
    results = []
    for condition in job["conditions"]:
        query = f"SELECT ({condition})::BOOLEAN FROM records ORDER BY id"
        try:
            results.append([value for (value,) in database.execute(query).fetchall()])
        except duckdb.Error as error:
            results.append(f"{condition}: {error}")
    json.dump(results, sys.stdout)


main()
