#!/bin/sh
# Makes Temporal's two databases and brings them to this version of the server. Every step leaves alone what is there
# already, so that it can run before each start and also after an upgrade. The SQL_ variables say where the databases are.
set -eu

make_database() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "$2"
}

make_database temporal postgresql/v12/temporal
make_database temporal_visibility postgresql/v12/visibility
