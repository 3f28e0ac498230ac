"""The oracle of the engine: DuckDB computes the same model over the same rows, read another way.

The rows come as JSON lines and not as the Parquet files that the engine reads, and keys of addresses are made here, so that neither our
writer nor our key is taken for granted. Each line of the answer is a row: a JSON list of texts, null where a cell is empty.

Usage: oracle.py < {"folder": "...", "tables": [{"name": ..., "columns": [[name, type], ...], "keyed": [name, ...]}], "sql": "..."}
"""

import datetime
import decimal
import json
import pathlib
import sys
import unicodedata

import duckdb

# What Unicode calls white space; Python's own `strip` takes four control characters more.
SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def key(text):
    if text is None:
        return None
    return unicodedata.normalize("NFKC", text).strip(SPACES).lower() or None


def load(database, folder, table):
    path = folder / f"{table['name']}.jsonl"
    keyed = folder / f"{table['name']}.keyed.jsonl"
    names = [name for name, _ in table["columns"]]
    with path.open(encoding="utf-8") as rows, keyed.open("w", encoding="utf-8") as out:
        for line in rows:
            row = dict(zip(names, json.loads(line)))
            for name in table["keyed"]:
                row[f"{name}_key"] = key(row[name])
            out.write(json.dumps(row) + "\n")
    types = dict(table["columns"]) | {f"{name}_key": "VARCHAR" for name in table["keyed"]}
    texts = ", ".join(f"'{name}': 'VARCHAR'" for name in types)
    cells = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in types.items())
    source = f"read_json('{keyed}', format = 'newline_delimited', columns = {{{texts}}})"
    database.execute(f'CREATE TABLE "{table["name"]}" AS SELECT {cells} FROM {source}')


def text(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, decimal.Decimal):
        plain = format(value, "f")
        short = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return short if value else "0"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, (int, datetime.date)):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no cell of ours")


def main():
    asked = json.load(sys.stdin)
    database = duckdb.connect()
    for table in asked["tables"]:
        load(database, pathlib.Path(asked["folder"]), table)
    for row in database.execute(asked["sql"]).fetchall():
        print(json.dumps([text(value) for value in row]))


main()
